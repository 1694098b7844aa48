#!/usr/bin/env bash
# host.sh start|seed|env|stop DIR: the file tree of a Linux server under DIR/root, no process: accounts, sudo, keys, cron,
# units, what applications and agents leave about. It is what `--root` is given. Owners of files are set by root alone;
# anybody else gets the same tree, all of it his own. CERTS (a folder with good.pem, good.key) puts those in it as well.
source "$(dirname "$0")/lib.sh"

# put MODE OWNER PATH: standard input becomes that file, its folders made on the way.
put() {
  local file=$root/$3
  mkdir -p "$(dirname "$file")"
  (umask 077 && cat >"$file")
  chmod "$1" "$file"
  own "$2" "$file"
}
# Numbers, since the real system does not know these users. A folder of a home is its owner's, too.
own() {
  local user=$1 path=$2 id
  [[ $EUID -eq 0 ]] || return 0
  id=$(awk -F: -v name="$user" '$1 == name { print $3 ":" $4; exit }' "$root/etc/passwd")
  chown -h "$id" "$path"
  path=$(dirname "$path")
  while [[ $path == "$root"/home/*/* || $path == "$root"/home/* ]]; do
    chown -h "$id" "$path"
    path=$(dirname "$path")
  done
}
today=$(($(date +%s) / 86400))
hash() { openssl passwd -6 -stdin <<<"$(password)"; }
weak_hash() { openssl passwd -1 -stdin <<<"$(password)"; }

accounts() {
  mkdir -p "$root/etc"
  cat >"$root/etc/passwd" <<'LINES'
root:x:0:0:root:/root:/bin/bash
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
bin:x:2:2:bin:/bin:/usr/sbin/nologin
sys:x:3:3:sys:/dev:/usr/sbin/nologin
www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin
sshd:x:105:65534::/run/sshd:/usr/sbin/nologin
postgres:x:106:112:PostgreSQL administrator,,,:/var/lib/postgresql:/bin/bash
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
svc-billing:x:501:501:owner=alice@example.com app=billing:/srv/app/billing:/usr/sbin/nologin
svc-deploy:x:502:502:owner=carol@example.com:/home/svc-deploy:/bin/bash
svc-backup:x:503:503:owner=erin@example.com:/var/backups:/bin/sh
svc-metrics:x:504:504:owner=erin@example.com:/nonexistent:/usr/sbin/nologin
svc-nopass:x:505:505::/home/svc-nopass:/bin/bash
svc-legacy:x:506:506:do not touch:/home/svc-legacy:/bin/bash
alice:x:1000:1000:Alice Adams,,,:/home/alice:/bin/bash
bob:x:1001:1001:Bob Brown,,,:/home/bob:/bin/bash
carol:x:1002:1002:Carol Chen,,,:/home/carol:/bin/bash
ops-shared:x:1010:1010:operations,,,:/home/ops-shared:/bin/bash
toor:x:0:0:second root:/root:/bin/bash
LINES
  put 644 root etc/group <<'LINES'
root:x:0:
daemon:x:1:
bin:x:2:
sys:x:3:
adm:x:4:alice
sudo:x:27:alice,bob
www-data:x:33:
shadow:x:42:
docker:x:110:svc-deploy
postgres:x:112:
svc-billing:x:501:
svc-deploy:x:502:
svc-backup:x:503:
svc-metrics:x:504:
svc-nopass:x:505:
svc-legacy:x:506:
alice:x:1000:
bob:x:1001:
carol:x:1002:
ops-shared:x:1010:alice,carol
nogroup:x:65534:
LINES
  # Name, verifier, day it was set, days it lives, day the account ends.
  {
    local name
    for name in root daemon bin sys www-data sshd postgres nobody; do echo "$name:*:$((today - 700)):0:99999:7:::"; done
    for name in svc-billing svc-metrics; do echo "$name:!:$((today - 300)):0:99999:7:::"; done
    echo "svc-deploy:$(hash):$((today - 1500)):0:99999:7:::"
    echo "svc-backup:!:$((today - 300)):0:99999:7:::"
    echo "svc-nopass::$((today - 900)):0:99999:7:::"
    echo "svc-legacy:$(weak_hash):$((today - 2500)):0:99999:7:::"
    echo "alice:$(hash):$((today - 40)):0:90:7:::"
    echo "bob:$(hash):$((today - 400)):0:99999:7:::"
    echo "carol:$(hash):$((today - 20)):0:90:7:::"
    echo "ops-shared:$(hash):$((today - 800)):0:99999:7:::"
    echo "toor:$(weak_hash):$((today - 3000)):0:99999:7:::"
  } | put 640 root etc/shadow
  echo web01 | put 644 root etc/hostname
  echo 4f1c7a0d6b5e4e0c8f2a9d3b7c6e5f10 | put 444 root etc/machine-id
  printf 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\n' | put 644 root etc/os-release
}

rights() {
  put 440 root etc/sudoers <<'LINES'
Defaults env_reset
User_Alias OPERATORS = ops-shared, carol
Cmnd_Alias SERVICES = /usr/bin/systemctl restart *, \
                      /usr/bin/systemctl status *
root ALL=(ALL:ALL) ALL
%sudo ALL=(ALL:ALL) ALL
OPERATORS ALL=(root) SERVICES, !/usr/bin/systemctl restart ssh
@includedir /etc/sudoers.d
LINES
  put 440 root etc/sudoers.d/10-services <<'LINES'
svc-deploy ALL=(ALL) NOPASSWD: ALL
svc-billing ALL=(postgres) NOPASSWD: /usr/bin/pg_dump
LINES
}

# key NAME OWNER PATH MODE COMMENT: a key pair; the public half stays in $made/NAME.pub for authorized_keys.
key() {
  ssh-keygen -q -t ed25519 -N '' -C "$5" -f "$made/$1"
  planted "$(sed -n 3p "$made/$1")" >/dev/null
  [[ -z $3 ]] || put "$4" "$2" "$3" <"$made/$1"
}
keys() {
  made=$dir/keys
  (umask 077 && mkdir "$made")
  key alice alice home/alice/.ssh/id_ed25519 600 alice@example.com
  key deploy carol home/carol/.ssh/deploy_key 600 carol@example.com
  key leaver '' '' '' bob@old-laptop
  key ci svc-deploy home/svc-deploy/.ssh/id_ed25519 644 ci@build # readable by everybody
  key host root etc/ssh/ssh_host_ed25519_key 600 root@web01
  put 644 root etc/ssh/ssh_host_ed25519_key.pub <"$made/host.pub"
  put 644 root etc/ssh/sshd_config <<<'PermitRootLogin prohibit-password'
  put 600 alice home/alice/.ssh/authorized_keys <"$made/alice.pub"
  {
    echo "# deploys come from the build network"
    echo "from=\"10.20.0.0/16\",restrict $(cat "$made/deploy.pub")"
    cat "$made/leaver.pub"
  } | put 600 svc-deploy home/svc-deploy/.ssh/authorized_keys
  # The same key opens a second account.
  echo "command=\"/usr/local/bin/pull-backup\",restrict $(cat "$made/deploy.pub")" | put 600 svc-backup var/backups/.ssh/authorized_keys
  put 600 root root/.ssh/authorized_keys <"$made/ci.pub"
  [[ ! -f ${CERTS:-}/good.pem ]] || {
    put 644 root etc/ssl/certs/good.example.test.pem <"$CERTS/good.pem"
    put 640 root etc/ssl/private/good.example.test.key <"$CERTS/good.key"
  }
}

jobs() {
  put 644 root etc/crontab <<'LINES'
SHELL=/bin/sh
17 * * * * root cd / && run-parts --report /etc/cron.hourly
LINES
  put 644 root etc/cron.d/sync <<LINES
API_KEY=$(password 32)
*/5 * * * * svc-deploy /srv/app/sync.sh
LINES
  put 600 bob var/spool/cron/crontabs/bob <<'LINES'
# the nightly load; only this account knows how
0 3 * * * /home/bob/bin/nightly
LINES
  put 644 root etc/systemd/system/billing.service <<LINES
[Unit]
Description=billing
[Service]
User=svc-billing
Environment=DB_PASSWORD=$(password)
LoadCredential=mail:/etc/credstore/mail
ExecStart=/srv/app/billing/run
[Install]
WantedBy=multi-user.target
LINES
  put 644 root etc/systemd/system/metrics.service <<'LINES'
[Unit]
Description=metrics
[Service]
User=svc-metrics
EnvironmentFile=/etc/default/metrics
ExecStart=/usr/local/bin/metrics
LINES
  put 640 root etc/default/metrics <<'LINES'
TOKEN_FILE=/run/credentials/metrics/token
LINES
  put 644 root etc/systemd/system/legacy.service <<LINES
[Unit]
Description=legacy feed, as root
[Service]
ExecStart=/opt/legacy/feed --token=$(github_token)
LINES
  put 644 root etc/systemd/system/backup.service <<'LINES'
[Service]
Type=oneshot
User=svc-backup
ExecStart=/usr/local/bin/pull-backup
LINES
  put 644 root etc/systemd/system/backup.timer <<'LINES'
[Timer]
OnCalendar=daily
[Install]
WantedBy=timers.target
LINES
}

secrets() {
  local id secret token basic
  id=$(aws_key_id)
  secret=$(aws_secret)
  # One key of a cloud in three places, two of them of people.
  for who in alice svc-deploy; do
    printf '[default]\naws_access_key_id = %s\naws_secret_access_key = %s\n' "$id" "$secret" | put 600 $who home/$who/.aws/credentials
  done
  put 644 svc-billing srv/app/billing/.env <<LINES
AWS_ACCESS_KEY_ID=$id
AWS_SECRET_ACCESS_KEY=$secret
DATABASE_URL=postgres://svc_billing:$(password)@db.example.test:5432/billing
MAIL_PASSWORD=\${MAIL_PASSWORD}
SESSION_SECRET=changeme
LINES
  printf 'db.example.test:5432:*:svc_backup:%s\n' "$(password)" | put 600 svc-backup var/backups/.pgpass
  token=$(github_token)
  printf 'github.com:\n    user: bob\n    oauth_token: %s\n' "$token" | put 600 bob home/bob/.config/gh/hosts.yml
  printf 'https://bob:%s@github.com\n' "$token" | put 600 bob home/bob/.git-credentials
  printf 'machine api.example.test login svc-deploy password %s\n' "$(password)" | put 600 svc-deploy home/svc-deploy/.netrc
  basic=$(planted "$(printf 'ci:%s' "$(password)" | base64 -w0)")
  printf '{"auths": {"registry.example.test": {"auth": "%s"}}}\n' "$basic" | put 600 svc-deploy home/svc-deploy/.docker/config.json
  # A reference, and no secret at all.
  printf '//registry.npmjs.org/:_authToken=${NPM_TOKEN}\n' | put 600 carol home/carol/.npmrc
  put 600 svc-deploy home/svc-deploy/.kube/config <<LINES
apiVersion: v1
kind: Config
clusters: [{name: prod, cluster: {server: "https://kube.example.test:6443"}}]
users: [{name: deployer, user: {token: "$(password 40)"}}]
contexts: [{name: prod, context: {cluster: prod, user: deployer}}]
current-context: prod
LINES
  put 600 svc-legacy home/svc-legacy/.my.cnf <<LINES
[client]
user=legacy
password=$(password)
LINES
}

agents() {
  # A literal token beside a reference.
  put 644 alice home/alice/.cursor/mcp.json <<LINES
{
  "mcpServers": {
    "github": {"command": "npx", "args": ["-y", "@modelcontextprotocol/server-github"],
               "env": {"GITHUB_PERSONAL_ACCESS_TOKEN": "$(github_token)"}},
    "tickets": {"url": "https://mcp.example.test/tickets", "headers": {"Authorization": "Bearer \${env:TICKETS_TOKEN}"}}
  }
}
LINES
  put 600 carol home/carol/.config/Code/User/mcp.json <<'LINES'
{
  // the token is asked for when the server starts
  "inputs": [{"type": "promptString", "id": "token", "description": "API token", "password": true}],
  "servers": {
    "crm": {"type": "http", "url": "https://mcp.example.test/crm", "headers": {"Authorization": "Bearer ${input:token}"}},
  },
}
LINES
  put 600 bob home/bob/.codex/config.toml <<'LINES'
[mcp_servers.search]
url = "https://mcp.example.test/search"
bearer_token_env_var = "SEARCH_TOKEN"

[mcp_servers.files]
command = "npx"
args = ["-y", "@modelcontextprotocol/server-filesystem", "/"]
LINES
  put 600 alice home/alice/.config/Claude/claude_desktop_config.json <<LINES
{"mcpServers": {"warehouse": {"command": "warehouse-mcp", "args": ["--dsn", "postgres://svc_report:$(password)@db.example.test/dw"]}}}
LINES
}

# Records of fixed size in the byte order of this machine: lastlog(5) has 292 bytes for each uid.
little() { local n=$1; printf "\\x$(printf %02x $((n & 255)))\\x$(printf %02x $((n >> 8 & 255)))\\x$(printf %02x $((n >> 16 & 255)))\\x$(printf %02x $((n >> 24 & 255)))"; }
seen() { # seen UID SECONDS-AGO LINE HOST
  {
    little $(($(date +%s) - $2))
    printf '%s' "$3" | padded 32
    printf '%s' "$4" | padded 256
  } | dd of="$root/var/log/lastlog" bs=292 seek="$1" conv=notrunc status=none
}
padded() { head -c "$1" | dd bs="$1" count=1 conv=sync iflag=fullblock status=none; }
logins() {
  mkdir -p "$root/var/log"
  : >"$root/var/log/lastlog"
  seen 502 $((86400 * 2)) pts/0 10.20.0.7
  seen 1000 3600 pts/1 10.30.0.4
  seen 1001 $((86400 * 200)) pts/2 192.0.2.77
  seen 1010 $((86400 * 3)) pts/3 10.30.0.9
  command -v utmpdump >/dev/null || return 0
  local user from days
  # Three people's machines behind one account.
  while read -r user from days; do
    printf '[7] [00100] [ts/0] [%-8s] [pts/0       ] [%-20s] [%-15s] [%s]\n' "$user" "$from" "$from" \
      "$(date -u -d "-$days days" +%Y-%m-%dT%H:%M:%S,000000+00:00)"
  done <<'LINES' | utmpdump -r 2>/dev/null >"$root/var/log/wtmp"
ops-shared 10.30.0.21 18
ops-shared 10.30.0.4 11
svc-deploy 10.20.0.7 9
alice 10.30.0.4 5
ops-shared 10.30.0.9 3
svc-deploy 10.20.0.7 2
LINES
}

target_start() {
  HOST_ROOT=$dir/root
  mkdir -p "$HOST_ROOT"
  publish HOST_ROOT
}
target_seed() {
  root=$HOST_ROOT
  accounts
  rights
  keys
  jobs
  secrets
  agents
  logins
  HOST_KEYS=$dir/keys
  publish HOST_ROOT HOST_KEYS
}
main "$@"
