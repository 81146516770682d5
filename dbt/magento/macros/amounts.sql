{# An amount's columns: in the base currency of the website, in the order's, and in the shop's global currency. #}
{% macro in_three_currencies(name, base, ordered, rate) -%}
    {{ magento.money(base) }} as base_{{ name }},
    {{ magento.money(ordered) }} as order_{{ name }},
    cast({{ magento.money(base) }} * {{ rate }} as numeric(28, 8)) as reporting_{{ name }}
{%- endmacro %}


{# An amount with Magento's four decimals; nothing is zero. #}
{% macro money(expression) -%}
cast(coalesce({{ expression }}, 0) as numeric(18, 4))
{%- endmacro %}


{# What a line and what is delivered for it cost: bundles keep discount and tax at their children, other lines themselves. #}
{% macro own_or_children(column) -%}
coalesce(nullif(line.{{ column }}, 0), children.{{ column }}, 0)
{%- endmacro %}


{#
  A line's price without its discount taken off. Over REST, Magento subtracts the discount from `row_total`, depending on
  the version; of the two readings the one is right that is closer to price and quantity.
#}
{% macro row_without_discount(prefix) -%}
{%- set row = 'coalesce(line.' ~ prefix ~ 'row_total, 0)' -%}
{%- set gross = '(' ~ row ~ ' + coalesce(line.' ~ prefix ~ 'discount_amount, 0))' -%}
{%- set priced = 'line.' ~ prefix ~ 'price * line.qty_ordered' -%}
case when abs({{ gross }} - {{ priced }}) < abs({{ row }} - {{ priced }}) then {{ gross }} else {{ row }} end
{%- endmacro %}
