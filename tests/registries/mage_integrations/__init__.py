"""What the Mage source leans on, as far as it does: Mage itself takes a gigabyte."""
