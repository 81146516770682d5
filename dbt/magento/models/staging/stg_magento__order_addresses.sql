{{ magento.staged(
    'order_addresses',
    parent='stg_magento__orders',
    parent_key=['order_id', 'order_id'],
    columns={
        'entity_id': ['bigint', 'order_address_id'],
        'order_id': 'bigint',
        'address_type': 'text',
        'country_id': 'text',
        'region': 'text',
        'region_code': 'text',
    },
) }}
