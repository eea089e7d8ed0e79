# Canteen in an image: the binary, certificates, and nothing else; no shell, no root. docs/operate.md says how to run it.
# Tags are pinned here; pin digests as well where you build: FROM name:tag@sha256:…

FROM node:20.20.2-bookworm-slim AS web
WORKDIR /src/web
COPY web/package.json web/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY web/ ./
RUN npm run build

FROM golang:1.26.8-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
COPY --from=web /src/web/dist/app web/dist/app
# What canteen aws deploy brings along.
RUN GOOS=linux GOARCH=arm64 CGO_ENABLED=0 go build -trimpath -buildvcs=false -tags lambda.norpc -ldflags="-s -w" -o /out/bootstrap ./cmd/canteen-lambda && \
    go run ./deploy/aws/pack /out/bootstrap deploy/aws/canteen-lambda.zip
# timetzdata: the image has no zone files, and people have time zones.
RUN CGO_ENABLED=0 go build -trimpath -tags timetzdata -ldflags="-s -w" -o /out/canteen ./cmd/canteen && mkdir -m 700 /out/data

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/canteen /usr/local/bin/canteen
COPY --from=build --chown=65532:65532 /out/data /data
ENV PATH=/usr/local/bin CANTEEN_ADDR=0.0.0.0:8080 CANTEEN_DATA=/data
# SQLite falls back to the working directory for temporary files: there is no /tmp.
WORKDIR /data
USER 65532:65532
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=6s --start-period=10s CMD ["canteen", "healthcheck"]
ENTRYPOINT ["canteen"]
CMD ["serve"]
