{{ magento.staged(
    'store_views',
    columns={
        'id': ['bigint', 'store_id'],
        'code': ['text', 'store_code'],
        'name': ['text', 'store_name'],
        'website_id': 'bigint',
        'store_group_id': 'bigint',
    },
) }}
