{{ magento.staged(
    'customer_groups',
    key='id',
    columns={
        'id': ['bigint', 'customer_group_id'],
        'code': ['text', 'customer_group'],
    },
) }}
