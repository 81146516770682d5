{{ magento.staged(
    'websites',
    columns={
        'id': ['bigint', 'website_id'],
        'code': ['text', 'website_code'],
        'name': ['text', 'website_name'],
    },
) }}
