# Builds from the lock files; runs as an unprivileged user with its data in /var/lib/filodiretto.
FROM node:22-slim AS page
WORKDIR /src
COPY tools/desk.sh tools/desk.sh
COPY web web
RUN mkdir -p gateway/web && tools/desk.sh build

FROM python:3.13-slim AS build
WORKDIR /src
COPY . .
COPY --from=page /src/gateway/web/static gateway/web/static
RUN python -m venv /opt/filodiretto \
 && /opt/filodiretto/bin/pip install --no-cache-dir --require-hashes -r requirements/runtime.txt \
 && /opt/filodiretto/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.13-slim
RUN useradd --system --home /var/lib/filodiretto --create-home filodiretto
COPY --from=build /opt/filodiretto /opt/filodiretto
USER filodiretto
VOLUME /var/lib/filodiretto
ENTRYPOINT ["/opt/filodiretto/bin/filodiretto"]
CMD ["run", "-c", "/etc/filodiretto/filodiretto.toml"]
