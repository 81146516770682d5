{{ magento.staged(
    'inventory_source_items',
    columns={
        'sku': 'text',
        'source_code': 'text',
        'quantity': 'numeric(18, 4)',
        'status': 'bigint',
    },
) }}
