{{ magento.staged(
    'products',
    key='id',
    columns={
        'id': ['bigint', 'product_id'],
        'sku': 'text',
        'name': 'text',
        'type_id': ['text', 'product_type'],
        'attribute_set_id': 'bigint',
        'price': 'numeric(18, 4)',
        'weight': 'numeric(18, 4)',
        'status': 'bigint',
        'visibility': 'bigint',
        'custom_attributes': 'json',
        'created_at': 'timestamp',
        'updated_at': 'timestamp',
    },
) }}
