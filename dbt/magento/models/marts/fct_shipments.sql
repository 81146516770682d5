with items as (

    select shipment_id, count(*) as items
    from {{ ref('stg_magento__shipment_items') }}
    group by shipment_id

),

tracks as (

    select shipment_id, count(*) as tracks, min(carrier_code) as carrier_code
    from {{ ref('stg_magento__shipment_tracks') }}
    group by shipment_id

)

select
    shipments.shipment_id,
    shipments.shipment_number,
    shipments.order_id,
    shipments.store_id,
    cast(shipments.created_at as date) as shipped_on,
    shipments.created_at as shipped_at,
    cast(shipments.created_at as date) - cast(orders.created_at as date) as days_to_ship,
    row_number() over (
        partition by shipments.order_id order by shipments.created_at, shipments.shipment_id
    ) as order_shipment_number,
    shipments.total_qty as qty_shipped,
    coalesce(items.items, 0) as items,
    coalesce(tracks.tracks, 0) as tracks,
    tracks.carrier_code
from {{ ref('stg_magento__shipments') }} as shipments
inner join {{ ref('stg_magento__orders') }} as orders on shipments.order_id = orders.order_id
left join items on shipments.shipment_id = items.shipment_id
left join tracks on shipments.shipment_id = tracks.shipment_id
