{{ magento.staged(
    'shipment_items',
    parent='stg_magento__shipments',
    parent_key=['shipment_id', 'shipment_id'],
    columns={
        'entity_id': ['bigint', 'shipment_item_id'],
        'shipment_id': 'bigint',
        'order_item_id': 'bigint',
        'product_id': 'bigint',
        'sku': 'text',
        'qty': 'numeric(18, 4)',
    },
) }}
