{# JSON of a column, whatever the loader made of it: json, jsonb, jsonb[], text or a struct. #}
{% macro as_json(column) -%}
{%- if target.type == 'duckdb' -%}
cast({{ column }} as json)
{%- else -%}
to_jsonb({{ column }})
{%- endif -%}
{%- endmacro %}


{# A field of a JSON object, as text. #}
{% macro json_text(column, field) -%}
({{ column }} ->> '{{ field }}')
{%- endmacro %}
