{{ config(severity='warn') }}
-- What credit memos refunded is what their orders say of it, to the cent.
select orders.order_id
from {{ ref('fct_orders') }} as orders
inner join {{ ref('stg_magento__orders') }} as staged on orders.order_id = staged.order_id
where abs(orders.base_refunded_amount - coalesce(staged.base_total_refunded, 0)) >= 0.005
