# Debian's RabbitMQ with management and Prometheus, started as the official image is: docker-entrypoint.sh.
ARG BASE=tandem-airgap-base
FROM ${BASE}
RUN apt-get -qq update \
    && DEBIAN_FRONTEND=noninteractive apt-get -qq -y install --no-install-recommends rabbitmq-server \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/* /usr/share/doc/* /usr/share/man/* /var/lib/rabbitmq/* \
    && rabbitmq-plugins enable --offline rabbitmq_management rabbitmq_prometheus \
    && mkdir -p /etc/rabbitmq/conf.d \
    && printf 'log.console = true\n' > /etc/rabbitmq/conf.d/10-defaults.conf \
    && install -d -o rabbitmq -g rabbitmq /var/log/rabbitmq && chown -R rabbitmq:rabbitmq /var/lib/rabbitmq
COPY deploy/airgap/docker-entrypoint.sh /usr/local/bin/
ENV HOME=/var/lib/rabbitmq RABBITMQ_LOGS=- LANG=C.UTF-8
VOLUME /var/lib/rabbitmq
EXPOSE 5672 15672 15692
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["rabbitmq-server"]
