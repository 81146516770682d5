# One image: the Singer tap, and the Airbyte source by another entry point.
#
#   docker run --rm -v ./config.json:/config.json:ro tap-magento --config /config.json --discover
#   docker run --rm -v ./config.json:/config.json:ro --entrypoint source-magento tap-magento check --config /config.json

FROM python:3.13-slim AS build
WORKDIR /src
RUN pip install --no-cache-dir uv==0.13.9 && python -m venv --without-pip /opt/tap-magento
COPY pyproject.toml requirements.lock README.md LICENSE ./
COPY tap_magento ./tap_magento
# The lock says which versions, with their hashes; of what it names only what the tap needs is installed.
RUN uv pip install --no-cache --python /opt/tap-magento/bin/python --constraints requirements.lock .

FROM python:3.13-slim
COPY --from=build /opt/tap-magento /opt/tap-magento
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin tap
USER 10001
ENV PATH="/opt/tap-magento/bin:$PATH" \
    PYTHONDONTWRITEBYTECODE=1 \
    AIRBYTE_ENTRYPOINT="source-magento"
WORKDIR /tmp
HEALTHCHECK --interval=5m --timeout=30s CMD ["tap-magento", "--version"]
ENTRYPOINT ["tap-magento"]
