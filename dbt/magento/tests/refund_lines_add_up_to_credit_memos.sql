-- The rows of a credit memo add up to its total, and no credit memo of an order is missing.
with refunds as (

    select credit_memo_id, sum(base_amount) as base_amount, sum(order_amount) as order_amount
    from {{ ref('fct_refunds') }}
    group by credit_memo_id

)

select memos.credit_memo_id
from {{ ref('stg_magento__credit_memos') }} as memos
inner join {{ ref('fct_orders') }} as orders on memos.order_id = orders.order_id
left join refunds on memos.credit_memo_id = refunds.credit_memo_id
where coalesce(memos.state, 2) <> 3
    and (
        coalesce(memos.base_grand_total, 0) <> coalesce(refunds.base_amount, 0)
        or coalesce(memos.grand_total, 0) <> coalesce(refunds.order_amount, 0)
    )
