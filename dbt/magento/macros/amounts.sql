{# An amount's columns: in the base currency of the website, in the order's, and in the shop's global currency. #}
{% macro in_three_currencies(name, base, ordered, rate) -%}
    {{ magento.money(base) }} as base_{{ name }},
    {{ magento.money(ordered) }} as order_{{ name }},
    cast({{ magento.money(base) }} * {{ rate }} as numeric(28, 8)) as reporting_{{ name }}
{%- endmacro %}


{# An amount with Magento's four decimals; nothing is zero. #}
{% macro money(expression) -%}
cast(coalesce({{ expression }}, 0) as numeric(18, 4))
{%- endmacro %}


{# What a line and what is delivered for it cost: bundles keep discount and tax at their children, other lines themselves. #}
{% macro own_or_children(column) -%}
coalesce(nullif(line.{{ column }}, 0), children.{{ column }}, 0)
{%- endmacro %}
