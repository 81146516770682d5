{{ magento.staged(
    'attribute_options',
    columns={
        'attribute_id': 'bigint',
        'attribute_code': 'text',
        'store_code': 'text',
        'value': 'text',
        'label': 'text',
        'position': 'bigint',
    },
) }}
