{{ magento.staged(
    'inventory_sources',
    columns={
        'source_code': 'text',
        'name': ['text', 'source_name'],
        'enabled': 'boolean',
        'country_id': 'text',
    },
) }}
