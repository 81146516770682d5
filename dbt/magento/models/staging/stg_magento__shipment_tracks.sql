{{ magento.staged(
    'shipment_tracks',
    parent='stg_magento__shipments',
    parent_key=['shipment_id', 'shipment_id'],
    columns={
        'entity_id': ['bigint', 'shipment_track_id'],
        'shipment_id': 'bigint',
        'carrier_code': 'text',
        'title': 'text',
        'created_at': 'timestamp',
    },
) }}
