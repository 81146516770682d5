{{ magento.staged(
    'customers',
    key='id',
    columns={
        'id': ['bigint', 'customer_id'],
        'email': 'text',
        'group_id': ['bigint', 'customer_group_id'],
        'website_id': 'bigint',
        'store_id': 'bigint',
        'gender': 'bigint',
        'created_at': 'timestamp',
        'updated_at': 'timestamp',
    },
) }}
