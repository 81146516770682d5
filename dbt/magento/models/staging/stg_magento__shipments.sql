{{ magento.staged(
    'shipments',
    key='entity_id',
    columns={
        'entity_id': ['bigint', 'shipment_id'],
        'increment_id': ['text', 'shipment_number'],
        'order_id': 'bigint',
        'store_id': 'bigint',
        'total_qty': 'numeric(18, 4)',
        'created_at': 'timestamp',
        'updated_at': 'timestamp',
    },
) }}
