# SecantusDB in MongoDB's place: its wire protocol on WiredTiger files, from the package mirror.
ARG BASE=tandem-airgap-base
ARG BUILD_BASE=tandem-airgap-build
FROM ${BUILD_BASE} AS build
WORKDIR /build
COPY requirements.lock .
RUN python3 -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --disable-pip-version-check -c requirements.lock SecantusDB pymongo \
    && /venv/bin/pip uninstall --quiet --yes pip setuptools

FROM ${BASE}
COPY --from=build /venv /venv
COPY deploy/airgap/mongodb.py /usr/local/lib/tandem/mongodb.py
RUN useradd --system --uid 999 --no-create-home mongodb && install -d -o mongodb -g mongodb -m 700 /data/db
ENV PATH=/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 HOME=/tmp
VOLUME /data/db
EXPOSE 27017
ENTRYPOINT ["python3", "/usr/local/lib/tandem/mongodb.py"]
