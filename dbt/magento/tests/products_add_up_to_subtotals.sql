{{ config(severity='warn') }}
-- Every configurable and every bundle is counted once: the lines add up to the subtotal that Magento computed.
-- A shop with a module that changes totals may have orders where they do not; `other` lines hold the difference.
select orders.order_id
from {{ ref('fct_orders') }} as orders
left join {{ ref('fct_order_lines') }} as lines
    on orders.order_id = lines.order_id and lines.line_type = 'product'
group by orders.order_id, orders.base_subtotal_amount
having abs(orders.base_subtotal_amount - coalesce(sum(lines.base_subtotal_amount), 0)) >= 0.005
