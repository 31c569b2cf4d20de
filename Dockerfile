# syntax=docker/dockerfile:1
FROM swift:6.3-bookworm AS build
WORKDIR /src
# One list of libraries for the image, start.sh and the tests; and jemalloc, with which memory does not creep: after many
# pictures of all sizes glibc's allocator holds twice as much.
COPY scripts/packages.txt scripts/
# hadolint ignore=DL3008  The newest of a stable Debian is what is wanted: it has the security fixes.
RUN apt-get -q update \
 && xargs -a scripts/packages.txt apt-get -q install -y --no-install-recommends libjemalloc-dev \
 && rm -rf /var/lib/apt/lists/*
# The packages first: they change less often than the sources.
COPY Package.* ./
RUN swift package resolve
COPY Sources Sources
COPY Tests Tests
# Swift's libraries go into the binary, which leaves libc and the picture libraries to the last stage.
RUN swift build -c release --product tintype --static-swift-stdlib -Xlinker -s -Xlinker -ljemalloc \
 && install -D .build/release/tintype /out/tintype

FROM debian:bookworm-slim
# hadolint ignore=DL3008
RUN apt-get -q update \
 && apt-get -q install -y --no-install-recommends ca-certificates libcurl4 libgif7 libhiredis0.14 libisal2 libjemalloc2 \
    libjpeg62-turbo liblcms2-2 libmariadb3 libpng16-16 libpq5 librabbitmq4 libsqlite3-0 libtiff6 libwebp7 libwebpdemux2 \
    libwebpmux3 zlib1g \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin tintype \
 && install -d -o tintype -g tintype /data
COPY --from=build /out/tintype /app/tintype
# Fails where a library is missing, one of those that it loads when it needs them too.
RUN ["/app/tintype", "--version", "--json"]

ARG GIT_SHA=unknown
ARG VERSION=unknown
LABEL org.opencontainers.image.title="tintype" \
      org.opencontainers.image.version=$VERSION \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.revision=$GIT_SHA

# The numbers, not the names: some platforms check them for "not root".
USER 10001:10001
WORKDIR /data
ENV HOST=0.0.0.0 PORT=8000 DATA_DIR=/data LOG_FORMAT=json
# Declared after it has its owner, so that a volume which is mounted here is writable under a read-only root.
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=15s --retries=3 CMD ["/app/tintype", "healthcheck"]
ENTRYPOINT ["/app/tintype"]
CMD ["serve"]
