#!/bin/sh
# What the tests need of the system: PostgreSQL, Chromium, R with its packages, and the languages of examples/, installed where that
# may be done (Debian, as root). Without them the tests of these are skipped by name, and with CI=true they fail.
set -eu
packages="strace chromium-headless-shell postgresql r-base-core r-base-dev r-cran-jsonlite r-cran-reticulate r-cran-testthat r-cran-bit64 r-cran-digest
r-cran-png r-cran-jpeg r-cran-openssl r-cran-ggplot2 r-cran-lattice r-cran-knitr r-cran-rmarkdown r-cran-roxygen2 r-cran-glmnet r-cran-caret pandoc qpdf
$(sed -n 's/^debian = \[\([^]]*\)\].*/\1/p' examples/*/example.toml | tr -d '",')"
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    exit 0
fi
missing=""
for package in $packages; do
    case "$package" in
        nodejs) command -v node >/dev/null 2>&1 && continue ;;
        python3) command -v python3 >/dev/null 2>&1 && continue ;;
    esac
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q "install ok installed" || missing="$missing $package"
done
if [ -n "$missing" ]; then
    echo "Installing$missing"
    # shellcheck disable=SC2086
    apt-get install -y -qq --no-install-recommends $missing >/dev/null || {
        apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing >/dev/null
    }
fi
