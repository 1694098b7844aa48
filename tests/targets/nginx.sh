#!/usr/bin/env bash
# nginx that serves certificates of a small CA of its own, chosen by server name on one TLS port. `seed` issues the
# certificates of README.md: DIR/certs/NAME.pem and NAME.key, some of them only as files.
source "$(dirname "$0")/lib.sh"
served="good soon long expired self wild mtls"

ca_start() {
  mkdir "$dir/ca" "$dir/certs"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj "/O=Example/CN=Example Issuing CA" \
    -keyout "$dir/ca/ca.key" -out "$dir/certs/ca.pem" 2>>"$dir/log"
  : >"$dir/ca/index.txt"
  echo 1000 >"$dir/ca/serial"
  cat >"$dir/ca/ca.cnf" <<CONF
[ca]
default_ca = here
[here]
database = $dir/ca/index.txt
serial = $dir/ca/serial
new_certs_dir = $dir/ca
certificate = $dir/certs/ca.pem
private_key = $dir/ca/ca.key
default_md = sha256
policy = names
copy_extensions = copy
unique_subject = no
[names]
organizationName = optional
commonName = supplied
CONF
}
request() { # request NAME KEYSPEC SUBJECT [OPTION...]: a new key in certs/NAME.key and what openssl makes of it
  local name=$1 key=(-newkey "$2") subject=$3
  shift 3
  [[ ${key[1]} != ec ]] || key+=(-pkeyopt ec_paramgen_curve:P-256)
  openssl req "${key[@]}" -nodes -subj "$subject" -keyout "$dir/certs/$name.key" "$@" 2>>"$dir/log"
}
issue() { # issue NAME HOST KEYSPEC FROM UNTIL [PURPOSE]: a certificate of our CA
  local name=$1 host=$2
  request "$name" "$3" "/O=Example/CN=$host" -addext "subjectAltName=DNS:$host" -addext "extendedKeyUsage=${6:-serverAuth}" \
    -out "$dir/ca/$name.csr"
  openssl ca -batch -config "$dir/ca/ca.cnf" -notext -in "$dir/ca/$name.csr" -out "$dir/certs/$name.pem" \
    -startdate "$(moment "$4")" -enddate "$(moment "$5")" 2>>"$dir/log"
}
moment() { date -u -d "$1" +%Y%m%d%H%M%SZ; }
host_of() { [[ $1 == wild ]] && echo app.wild.example.test || echo "$1.example.test"; }

site() { # site NAME: one server of the configuration
  local client=
  [[ $1 != mtls ]] || client="ssl_client_certificate $dir/certs/ca.pem; ssl_verify_client on;"
  echo "server { listen 127.0.0.1:$port ssl; server_name $(host_of "$1"); ssl_certificate $dir/certs/$1.pem;" \
    "ssl_certificate_key $dir/certs/$1.key; $client location / { return 200 \"$1\\n\"; } }"
}
launch() {
  site good >"$dir/sites.conf"
  serve "${drop[@]}" nginx -e "$dir/error.log" -p "$dir" -c "$dir/nginx.conf"
  until_true 10 shows good
}
shows() { # shows NAME: whether that server presents its own certificate
  local got
  # s_client ends with an error where the server wants a certificate of ours; what it showed counts.
  got=$(openssl s_client -connect "127.0.0.1:$port" -servername "$(host_of "$1")" </dev/null 2>/dev/null |
    openssl x509 -noout -serial 2>/dev/null) || true
  [[ -n $got && $got == "$(openssl x509 -in "$dir/certs/$1.pem" -noout -serial)" ]]
}
target_start() {
  need nginx nginx-light
  drop=()
  [[ $EUID -ne 0 ]] || drop=(setpriv --reuid=www-data --regid="$(id -g www-data)" --init-groups)
  mkdir "$dir/tmp"
  ca_start
  issue good good.example.test ec "-10 days" "+80 days"
  cat >"$dir/nginx.conf" <<CONF
daemon off;
worker_processes 1;
pid $dir/nginx.pid;
error_log $dir/error.log info;
events { worker_connections 128; }
http {
  access_log off;
  client_body_temp_path $dir/tmp/body; proxy_temp_path $dir/tmp/proxy; fastcgi_temp_path $dir/tmp/fastcgi;
  uwsgi_temp_path $dir/tmp/uwsgi; scgi_temp_path $dir/tmp/scgi;
  include $dir/sites.conf;
}
CONF
  give www-data "$dir"
  start_with_port launch
  TLS_PORT=$port
  TLS_HOSTS=good.example.test
  TLS_CERTS=$dir/certs
  publish TLS_PORT TLS_HOSTS TLS_CERTS
}
target_seed() {
  local name
  port=$TLS_PORT
  issue soon soon.example.test ec "-85 days" "+5 days"
  issue long long.example.test rsa:2048 "-100 days" "+3000 days"
  issue expired expired.example.test ec "-400 days" "-35 days"
  issue wild '*.wild.example.test' ec "-1 day" "+89 days"
  issue mtls mtls.example.test ec "-1 day" "+89 days"
  issue client-billing svc-billing ec "-1 day" "+29 days" clientAuth
  issue client-old svc-old ec "-700 days" "+300 days" clientAuth
  issue rsa1024 weak.example.test rsa:1024 "-30 days" "+335 days" # a file only: no TLS library would serve it
  request self rsa:2048 /CN=self.example.test -x509 -days 30 -addext subjectAltName=DNS:self.example.test -out "$dir/certs/self.pem"
  : >"$dir/sites.conf"
  for name in $served; do site "$name" >>"$dir/sites.conf"; done
  give www-data "$dir/certs" "$dir/sites.conf"
  kill -HUP "$(cat "$dir/pid")"
  for name in $served; do until_true 10 shows "$name" || fail "$name is not served"; done
  TLS_HOSTS=$(for name in $served; do host_of "$name"; done | paste -sd' ')
  publish TLS_PORT TLS_HOSTS TLS_CERTS
}
main "$@"
