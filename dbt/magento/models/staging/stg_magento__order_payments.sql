{{ magento.staged(
    'order_payments',
    parent='stg_magento__orders',
    parent_key=['order_id', 'order_id'],
    columns={
        'entity_id': ['bigint', 'order_payment_id'],
        'order_id': 'bigint',
        'method': ['text', 'payment_method'],
    },
) }}
