//! What is expected of command lines: one line each, with its risk. Nothing of this is run.

use super::*;
use proptest::prelude::*;
use std::collections::HashMap;

const READ_ONLY: &str = r#"
ls -la
cat README.md | head -5
echo hello
grep -rn error logs | sort | uniq -c | sort -rn | head
tail -f /var/log/nginx/error.log
tail -n 200 x.log 2>/dev/null
df -h && free -m; uptime
ps aux | grep [n]ginx
find . -name '*.py' -newer a
find /var/log -exec grep -l error {} \;
find . -type f | xargs grep -n needle
cd apps/api && ls
test -f x && echo yes || echo no
[ -f x ] && cat x
[[ $a == b ]] && echo c
if docker compose ps | grep -q Up; then echo up; fi
for x in a b; do echo $x; done
main() { show; }; show() { ls; }; main
while sleep 2; do date; done
export FOO=bar; echo $FOO
FOO=bar ls
x=ls; $x -l
sudo cat /etc/hosts
sudo -u postgres psql -c 'SELECT 1'
env FOO=1 ls
timeout 5 ls
nice -n 5 ls
time ls
command -v docker
sh -c 'ls | wc -l'
bash -c "docker ps"
ssh host uptime
ssh -p 2222 deploy@host 'docker ps --all'
watch -n 1 docker ps
echo $(git rev-parse HEAD)
echo `date`
docker ps -a
docker logs --tail 100 -f web
docker stats --no-stream
docker stats
docker inspect -f '{{.State.OOMKilled}}' web
docker system df
docker volume ls
docker network inspect bridge
docker container ls
docker exec web ls /
docker exec -it db psql -U a -c '\dt'
docker --context prod ps
docker compose ps
docker compose -f a.yml -f b.yml logs --tail 200 api
docker compose logs $SERVICE
docker-compose -f tools/docker/docker-compose.yml logs api
docker-compose -f tools/docker/docker-compose.yml exec postgres psql -U dev_user -d tech_platform -c "\dt"
docker-compose -f tools/docker/docker-compose.yml exec redis redis-cli info
docker compose exec -T redis redis-cli --scan --pattern 'tp:*'
docker compose exec -T postgres psql -U u -d d -c "select pid, now() - query_start as age, left(query, 80) from pg_stat_activity where state <> 'idle' order by 2"
docker compose top
docker compose config --services
docker compose exec -T db mysql -uroot -e 'SHOW FULL PROCESSLIST'
docker compose exec db sh -c 'psql -U "$POSTGRES_USER" -c "SELECT 1"'
podman ps
psql -c 'SELECT count(*) FROM users'
psql -Atc "SHOW max_connections"
psql -c 'EXPLAIN SELECT * FROM a WHERE b IN (1, 2)'
psql -X -P pager=off -c "SELECT pid, pg_blocking_pids(pid) FROM pg_stat_activity WHERE cardinality(pg_blocking_pids(pid)) > 0"
psql -c '\d+ users'
psql -l
psql -c "SELECT 'drop table x'"
psql -c 'SELECT 1 -- drop table x'
psql -c 'WITH a AS (SELECT 1) SELECT * FROM a'
echo 'SELECT 1' | psql
psql <<< 'SELECT 1'
pg_isready -U a -d b
mysqladmin status
mysqladmin -u root processlist
mysql -e 'SHOW ENGINE INNODB STATUS\G'
sqlite3 db.sqlite 'SELECT * FROM a'
sqlite3 db.sqlite .tables
clickhouse-client -q 'SELECT count() FROM system.processes'
redis-cli ping
redis-cli -h r -p 6379 info memory
redis-cli slowlog get 10
redis-cli CONFIG GET maxmemory
redis-cli --bigkeys -i 0.1
redis-cli --latency
valkey-cli client list
mongosh --quiet --eval 'db.serverStatus().connections'
mongosh --eval "rs.status()"
mongosh --eval 'db.adminCommand({ping: 1})'
rabbitmqctl -q list_queues name messages
rabbitmq-diagnostics -q check_running
kafka-topics.sh --bootstrap-server b:9092 --describe
kafka-consumer-groups.sh --bootstrap-server b:9092 --describe --all-groups
etcdctl endpoint health
nodetool status
consul members
vault status
rpk cluster health
celery -A app inspect active --timeout 3
kubectl get pods
kubectl -n prod get pods -o wide
kubectl --context tech-platform-production -n tech-platform get pods
kubectl --request-timeout=5s logs deployment/api --tail=200
kubectl describe pod x
kubectl rollout status deployment/api --timeout=5s
kubectl rollout history deployment/api
kubectl config current-context
kubectl top pods
kubectl get events --sort-by=.lastTimestamp
kubectl exec -it pod -- cat /etc/hosts
kubectl auth can-i get pods
helm list
helm status api -n prod
helm history api
terraform show
terraform state list
terraform -chdir=infra output
git status
git log --oneline -20
git diff HEAD~1
git --no-pager log
git -C sub status
git branch
git branch -a
git tag -l
git tag
git remote -v
git stash list
git config --get user.name
git log --oneline "$(git describe --tags --match 'deploy-*' --abbrev=0)..HEAD"
systemctl status nginx
systemctl --failed
systemctl --user status x --no-pager
systemctl is-active a
journalctl -u nginx --since -15min -n 200 --no-pager
service nginx status
supervisorctl status
pm2 list
pm2 logs api --lines 100
curl http://localhost:8000/health
curl -sf http://localhost/ > /dev/null
curl -sS -m 5 -o /dev/null -w '%{http_code}' https://x/health
curl --silent --show-error --max-time 5 http://localhost:8000/health/ready
curl -I https://x
curl -X GET https://x
curl -H 'Authorization: Bearer x' https://x
curl -G -d q=1 https://x
curl --silent --include --request OPTIONS --max-time 5 -H 'Origin: http://a' http://b/login
curl --silent http://localhost:8000/metrics | grep -E '^(cache|ws)'
wget -qO- http://localhost/health
wget -q -O /dev/null http://127.0.0.1:4200/
wget --no-verbose --tries=1 --spider http://localhost/ping
http GET localhost:8000/health
nc -z localhost 5432
printf 'stats\r\nquit\r\n' | nc -w 2 localhost 11211
ip addr
ss -ltnp
iptables -L -n
openssl x509 -in a.pem -noout -dates
nginx -t
haproxy -c -f a.cfg
aws ec2 describe-instances
aws s3 ls s3://b
aws logs tail /x --follow
gcloud compute instances list
az vm list
gh run list
gh pr view 3
heroku logs --tail
fly status
npm ls
npm audit
go version
node --version
python3 --version
date +%s
date -u +%Y
sed -n '1,20p' x
sed 's/a/b/g' x | head
awk '{print $1}' x
awk '$5 > 80 {print $1}' x
awk -F: '/a/ || /b/ {print}' x
jq '.a' x.json
tar tzf a.tgz
unzip -l a.zip
kill -0 123
crontab -l
gunzip -c a.gz | head
zcat a.gz | grep x
traceroute example.com
dig +short example.com
cat <<'TEXT'
rm -rf data is only text here
TEXT
"#;

const CHANGES: &str = r#"
touch x
mkdir -p a/b
cp a b
mv a b
echo x > file
echo x >> file
ls > list.txt
ls 2> errors.txt
ls &> all.txt
chmod +x a
sed -i 's/a/b/' x
sed -n 's/a/b/w out' x
sed '1e ls' x
sed 's/x/y/e' x
awk '{print > "file"}' x
awk 'BEGIN {system("ls")}'
tee file
sort -o out in
sort -ro out in
date -s 12:00
hostname new
find . -fprint out
find . $OPTS
docker compose up -d
docker compose restart api
docker compose build
docker compose pull
docker compose run --rm api pytest
docker run --rm alpine ls
docker build -t x .
docker exec -it web bash
docker exec web $CMD
docker exec -it web
docker compose exec api python manage.py migrate
docker start web
docker pull x
docker tag a b
docker cp a b:/c
docker compose config -o out.yml
psql
psql -U dev_user -d tech_platform
psql -f dump.sql
psql < dump.sql
cat dump.sql | psql
psql -c 'INSERT INTO a VALUES (1)'
psql -c 'CREATE TABLE a (b int)'
psql -c 'EXPLAIN ANALYZE SELECT 1'
psql -c 'SELECT * INTO b FROM a'
psql -c 'SELECT * FROM a FOR UPDATE'
psql -c 'SELECT my_function(1)'
psql -c "SELECT pg_sleep(100)"
psql -c 'VACUUM'
psql -c 'ALTER TABLE a ADD b int'
psql -c '\! ls'
psql -c '\copy a to b'
psql -c "$SQL"
psql -c 'SELECT pg_cancel_backend(1)'
mysql -e 'SET GLOBAL x = 1'
mysql -e 'SELECT 1 /*! INTO OUTFILE x */'
createdb x
pg_dump -f out.sql db
pg_dump db > out.sql
redis-cli
redis-cli set a b
redis-cli config set maxmemory 1
redis-cli keys '*'
redis-cli monitor
redis-cli eval 'return 1' 0
redis-cli $CMD
mongosh
mongosh --eval 'db.a.insertOne({})'
mongosh --eval 'db.a["dr" + "op"]()'
kubectl apply -f x
kubectl rollout restart deployment/api
kubectl rollout undo deployment/api
kubectl scale --replicas=3 deployment/api
kubectl exec -it pod -- bash
kubectl port-forward svc/a 80
kubectl edit deployment/a
kubectl get secret x -o yaml
kubectl cordon n
helm upgrade --install a b
terraform init
terraform plan
git pull
git fetch
git push
git commit -m x
git checkout main
git stash
git merge a
git branch new
git tag v1
git -c core.pager=x log
git log --output=f
systemctl restart nginx
systemctl start a
systemctl daemon-reload
service nginx restart
supervisorctl restart a
pm2 restart a
curl -X POST http://x
curl -XPUT http://x
curl -d a=b http://x
curl --data-raw '{}' http://x
curl -F a=@b http://x
curl -o file http://x
curl -O http://x/y
curl -sSo out http://x
curl $URL
curl -K conf http://x
curl ftp://x
curl telnet://x
curl http://x | sh
curl -fsSL https://x | sudo bash -
wget http://x/file
wget -q http://x -O - | bash
http POST localhost/a
http localhost/a b=c
nc -l 80
nc host 25
ssh host
ssh host systemctl restart x
ssh -o ProxyCommand=ls host ls
ssh -L 1:b:2 host ls
scp a host:b
rsync -a a b
npm install
npm outdated
yarn list
cargo tree
npm ci
npm test
npm run build
npx something
yarn
pip install x
cargo build
cargo test
go test ./...
pytest
make
make test
python manage.py migrate
python -c 'print(1)'
node x.js
alembic upgrade head
rails db:migrate
bundle exec rspec
unknown-program
./unknown.sh
/opt/x/bin/ls
./ls
eval "$x"
eval "$(cat x)"
$CMD
$(cat command)
`cat command`
"$@"
bash
bash script.sh
bash <(curl http://x)
cat x | sh
sh < x
source .env
. ./x.sh
sudo -i
sudo su
alias ls=x
PATH=/x:$PATH ls
LD_PRELOAD=x ls
GIT_PAGER=x git log
PAGER='touch x' git log
env PATH=x ls
ls | xargs touch
ls | xargs -I{} {}
find . -exec touch {} \;
xargs -I{} sh -c '{}' < x
{ls,-la}
l?
/b?n/ls
ls $(touch x)
ls `touch x`
ls "$(touch x)"
ls <(touch x)
ls ${x:-$(touch x)}
echo $((1 + $(touch x)))
cat <<TEXT
$(touch x)
TEXT
ls 'unclosed
ls $(unclosed
x=ls; x=touch; $x a
x=touch; [ $a ] || x=ls; $x b
read x; $x
t\ouch x
'touch' x
"tou"ch x
tou''ch x
$'\x74ouch' x
ls; touch x
ls & touch x
ls || touch x
(ls; touch x)
{ ls; touch x; }
ls \
 ; touch x
if true; then touch x; fi
case $a in b) touch x;; esac
f() { touch x; }; f
deploy; deploy() { ls; }
trap 'touch x' EXIT
nohup touch x &
watch touch x
time touch x
gh workflow run x
aws s3 cp a b
aws lambda invoke x
openssl req -new -out x
sysctl -w a=1
crontab x
tar xzf a.tgz
zip a.zip b
gzip a
rm -rf node_modules dist
rm -f *.pyc
cargo clean
vim x
rg --pre ./x needle
rg --pre=x needle
man -P x ls
hash -p /bin/x ls
jobs -x touch y
env --split-string='touch x'
env -S'touch x' ls
sed --in-pl s/a/b/ x
sort --outp=x y
dmesg --read
journalctl --rot
sqlite3 -cmd '.shell x' db 'SELECT 1'
mysql --defaults-file=x -e 'SELECT 1'
psql -c 'SELECT 1' -ofile
psql -c 'SELECT 1' -fdump.sql
mysql -e 'START REPLICA'
mysql -e 'SET PERSIST_ONLY x = 1'
mysql -e 'SELECT 1 # x'
psql -c "COMMIT PREPARED 'x'"
mongosh --eval 'db.stats()' x.js
mongosh --eval 'db.a.insertOne?.({})'
mongosh --eval '(db.a.insertOne)({})'
mongosh --eval 'db.a.insertOne/**/({})'
git grep -Ox y
git ls-remote --upload-pack=x .
git cat-file --filters a
docker --config x ps
docker compose -f https://example.com/x.yml ps
kubectl --kubeconfig x get pods
kubectl status
terragrunt output
curl -w '%output{x}' http://a
xargs -I{} psql -c {}
xargs -I ls ls x
find . -exec psql -c {} \;
fd -xtouch
ssh -E log host ls
ssh -I lib host ls
make --file=x ls
make -fx ls
npm ls --script-shell=x; npm run x
dotenv ls
(( ls ))
[[ a > b ]]
let 'a[$(touch x)]=1'
test -v 'a[$(touch x)]'
printf -v 'a[$(touch x)]' y
promtool tsdb analyze
systemd-analyze set-log-level debug
[[ a || touch x ]]
mysql -e 'SELECT 1--1; DROP TABLE x'
mysql -e 'SELECT "\"'"'"'"; DROP TABLE x; -- '"'"''
((rm x))
"#;

const DESTROYS: &str = r#"
rm x
rm -rf data
rm -rf ./data
rm -rf "$DIR"
rm -rf ../dist
rm -rf /dist
/bin/rm -rf x
sudo rm -rf x
sudo -u root env A=b nice rm x
echo ok; rm -rf x
echo ok && rm -rf x
echo ok | rm -rf x
echo ok & rm -rf x
echo $(rm x)
echo `rm x`
echo "$(rm x)"
echo "`rm x`"
ls <(rm x)
(rm x)
{ rm x; }
if true; then rm x; fi
for a in *; do rm "$a"; done
f() { rm x; }; f
rm x; rm() { ls; }
rm x; typeset&rm ()
false && rm() { ls; }; rm x
eval 'rm x'
eval rm x
sh -c 'rm x'
bash -lc "rm x"
bash -c 'sh -c "rm x"'
env -S 'rm x'
r\m x
'rm' x
"rm" x
r''m x
$'rm' x
$'\x72m' x
r\
m -rf x
x=rm; $x -rf y
c="rm -rf"; $c y
c=(rm -rf); "${c[@]}" y
echo rm x | sh
printf 'rm x\n' | bash
sh <<TEXT
rm x
TEXT
bash <<< 'rm x'
cat <<TEXT | sh
rm x
TEXT
cat <<TEXT
$(rm x)
TEXT
trap 'rm x' EXIT
find . -delete
find . -name '*.log' -exec rm {} +
find . | xargs rm
ls | xargs -n 1 sudo rm
xargs -I{} rm {} < list
watch rm x
timeout 5 rm x
ssh host 'rm -rf x'
ssh -i key host sudo rm x
docker exec web rm x
docker compose exec -T web sh -c 'rm x'
kubectl exec pod -- rm x
dd if=/dev/zero of=/dev/sdz
mkfs.ext4 /dev/sdz
echo x > /dev/sdz
shred x
truncate -s 0 x
kill 1
kill -9 $(pgrep x)
pkill nginx
killall node
shutdown now
reboot
docker compose down
docker compose down -v
docker compose -f x.yml down --volumes --remove-orphans
docker-compose down -v
docker compose stop
docker compose rm -sf
docker compose kill
docker rm -f x
docker rmi x
docker stop x
docker kill x
docker system prune -f
docker volume rm x
docker volume prune
docker container prune
docker network rm x
docker run --rm -v a:/a alpine rm -rf /a
psql -c 'DROP TABLE x'
psql -c 'drop database x'
psql -c 'TRUNCATE x'
psql -c 'DELETE FROM x'
psql -c 'UPDATE x SET a = 1'
psql -c 'SELECT 1; DROP TABLE x'
psql -c 'SELECT pg_terminate_backend(1)'
psql -c 'WITH a AS (DELETE FROM b RETURNING *) SELECT * FROM a'
psql -c 'EXPLAIN ANALYZE DELETE FROM a'
psql -c 'SELECT 1 /* x */; DELETE FROM a'
psql -Atc'DROP TABLE x'
echo 'DROP TABLE x' | psql
psql <<< 'DROP TABLE x'
psql <<SQL
DROP TABLE x;
SQL
docker compose exec -T db psql -U a -c 'DROP TABLE x'
mysql -e 'DROP DATABASE x'
mysqladmin shutdown
dropdb x
pg_restore -d x dump
sqlite3 a 'DELETE FROM b'
redis-cli flushall
redis-cli -h x FLUSHDB
redis-cli del a
redis-cli shutdown
echo FLUSHALL | redis-cli
mongosh --eval 'db.dropDatabase()'
mongosh --eval 'db.a.deleteMany({})'
rabbitmqctl reset
rabbitmqctl purge_queue x
kafka-topics.sh --delete --topic x
kubectl delete pod x
kubectl -n prod delete deployment api
kubectl drain n
kubectl scale --replicas=0 deployment/api
kubectl apply --prune -f x
helm uninstall x
terraform destroy
terraform apply -auto-approve
terraform state rm x
git push --force
git push -f origin main
git push origin :branch
git push origin +main
git reset --hard
git clean -fdx
git branch -D x
git checkout -- .
git checkout .
git stash drop
git restore x
systemctl stop nginx
systemctl disable --now x
service nginx stop
supervisorctl stop all
pm2 delete all
nginx -s stop
journalctl --vacuum-size=1M
crontab -r
curl -X DELETE http://x
http DELETE localhost/a
rsync -a --delete a b
aws s3 rm s3://b --recursive
aws ec2 terminate-instances --instance-ids i
gcloud compute instances delete x
heroku pg:reset
npm run db:reset
rails db:drop
php artisan migrate:fresh
python manage.py flush
prisma migrate reset
alembic downgrade base
celery -A a purge
npm uninstall x
helm rollback a 1
mongosh --eval 'db.stats()' --eval 'db.dropDatabase()'
[[ a || rm x ]]
sh -c '[[ a ]] ; rm x'
fd -xrm
rg x | xargs -I{} rm {}
git branch -dr origin/x
let 'a[$(rm x)]=1'
iptables -A INPUT -j DROP
"#;

/// Each case: a line, or several where one is continued or a here-document begins.
fn cases(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut open: Option<String> = None;
    let mut lines = text.lines().filter(|it| !it.is_empty());
    while let Some(line) = lines.next() {
        if let Some(mark) = &open {
            let last = out.last_mut().unwrap();
            last.push('\n');
            last.push_str(line);
            if line == mark {
                open = None;
            }
            continue;
        }
        let mut whole = line.to_owned();
        while whole.ends_with('\\') {
            whole.push('\n');
            whole.push_str(lines.next().unwrap());
        }
        if let Some((_, mark)) = whole.split_once("<<").filter(|it| !it.1.starts_with('<')) {
            let mark = mark.trim_start_matches(['\'', ' ']);
            open = Some(mark.chars().take_while(|it| it.is_alphanumeric()).collect());
        }
        out.push(whole);
    }
    out
}

#[test]
fn command_lines_have_the_risk_that_they_have() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for (text, risk) in
        [(READ_ONLY, Risk::ReadOnly), (CHANGES, Risk::Changes), (DESTROYS, Risk::Destroys)]
    {
        for case in cases(text) {
            count += 1;
            let judged = of_text(&case);
            if judged.risk != risk {
                let found = format!("{:?} ({})", judged.risk, judged.why);
                wrong.push(format!("{case}\n    is {found}, not {risk:?}"));
            }
            assert!(!judged.why.is_empty());
        }
    }
    assert!(count > 450, "{count}");
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
}

/// Lines that do more than look, or may; `\\N` is a line break. How much more is for the tables above
/// to say: what matters is that none of these is ever taken for looking.
const DOES_MORE: &str = include_str!("does_more.txt");

#[test]
fn what_does_more_than_look_is_never_read_only() {
    let taken: Vec<String> = DOES_MORE
        .lines()
        .map(|it| it.replace("\\N", "\n"))
        .map(|it| (of_text(&it), it))
        .filter(|(judged, _)| judged.risk == Risk::ReadOnly)
        .map(|(judged, it)| format!("{it}: {}", judged.why))
        .collect();
    assert!(DOES_MORE.lines().count() > 900);
    assert!(taken.is_empty(), "taken for looking:\n{}", taken.join("\n"));
}

#[test]
fn a_reason_is_a_phrase_without_controls() {
    for text in ["rm '\x1b[2J'", "foo\x1b[31m --x", "make '\x1b]0;x\x07'", "ls > '\x1b[2J'"] {
        let judged = of_text(text);
        assert!(!judged.why.contains('\x1b'), "{}", judged.why.escape_debug());
    }
}

#[derive(Default)]
struct Folder {
    files: HashMap<&'static str, &'static str>,
    recipes: HashMap<(Tool, &'static str, &'static str), Recipe>,
}

impl Around for Folder {
    fn file(&self, path: &str) -> Option<String> {
        self.files.get(path).map(|it| (*it).to_owned())
    }

    fn recipe(&self, tool: Tool, folder: &str, name: &str) -> Option<(String, Recipe)> {
        let found =
            self.recipes.iter().find(|it| it.0.0 == tool && it.0.1 == folder && it.0.2 == name);
        found.map(|it| (name.to_owned(), it.1.clone()))
    }
}

fn recipe(text: &str, needs: &[&str]) -> Recipe {
    Recipe {
        text: text.to_owned(),
        folder: Some(String::new()),
        needs: needs.iter().map(|it| (*it).to_owned()).collect(),
        files: vec!["Makefile".into()],
        least: None,
    }
}

#[test]
fn scripts_and_recipes_of_the_repository_are_read() {
    let mut folder = Folder::default();
    for (path, text) in [
        (
            "tools/reset.sh",
            "#!/usr/bin/env bash\ncd \"$(dirname \"$0\")/..\"\ncompose=(docker compose -f a.yml)\n\
             \"${compose[@]}\" exec -T db dropdb x\n",
        ),
        ("tools/look.sh", "docker ps\n"),
        ("tools/calls.sh", "set -e\n./tools/reset.sh --yes\n"),
        ("tools/x.py", "#!/usr/bin/env python3\nprint(1)\n"),
        ("q.sql", "DROP TABLE x;"),
    ] {
        folder.files.insert(path, text);
    }
    for (place, name, it) in [
        ("", "clean", recipe("docker compose down -v", &[])),
        ("", "all", recipe("echo ok", &["clean"])),
        ("", "round", recipe("make round", &["round"])),
        ("", "look", recipe("docker ps", &[])),
        ("sub", "look", recipe("rm x", &[])),
    ] {
        folder.recipes.insert((Tool::Make, place, name), it);
    }
    for (text, risk) in [
        ("tools/reset.sh", Risk::Destroys),
        ("./tools/reset.sh", Risk::Destroys),
        ("bash -e tools/reset.sh", Risk::Destroys),
        ("source tools/reset.sh", Risk::Destroys),
        ("cd tools && ./reset.sh", Risk::Destroys),
        ("(cd x && ls); tools/reset.sh", Risk::Destroys),
        ("tools/calls.sh", Risk::Destroys),
        ("tools/look.sh", Risk::ReadOnly),
        ("tools/x.py", Risk::Changes),
        ("psql -f q.sql", Risk::Destroys),
        ("make clean", Risk::Destroys),
        ("make all", Risk::Destroys),
        ("make round", Risk::ReadOnly),
        ("make look", Risk::ReadOnly),
        ("make -C sub look", Risk::Destroys),
        ("cd sub; make look", Risk::Destroys),
        ("make look X=1", Risk::Changes),
        ("make none", Risk::Changes),
        ("ssh host tools/look.sh", Risk::Changes),
        ("docker exec web ./tools/look.sh", Risk::Changes),
    ] {
        let judged = Walk::new(&folder).script(text, Some(""));
        assert_eq!(judged.risk, risk, "{text}: {}", judged.why);
    }
    let mut walk = Walk::new(&folder);
    walk.script("tools/calls.sh", Some(""));
    let files: Vec<_> = walk.files.iter().map(|it| it.to_text().into_owned()).collect();
    assert_eq!(files, ["tools/calls.sh", "tools/reset.sh"]);
    assert!(walk.called.contains("dropdb"), "{}", walk.called);
}

proptest! {
    #[test]
    fn nothing_makes_it_fail(text in "[a-z$(){}`'\"\\\\;&|<>\\[\\]=# \n!*/-]{0,100}") {
        let _ = of_text(&text);
    }

    #[test]
    fn no_arguments_make_a_program_fail(
        program in 0usize..60,
        args in proptest::collection::vec("[-a-zA-Z0-9=:/.;\\\\ '$]{0,8}", 0..6),
    ) {
        const NAMES: &[&str] = &[
            "docker", "kubectl", "git", "psql", "redis-cli", "find", "sed", "awk", "curl", "wget",
            "sudo", "env", "ssh", "make", "npm", "xargs", "tar", "mongosh", "aws", "nc",
            "systemctl", "sh", "timeout", "mysql", "sqlite3", "date", "http", "iptables", "poetry",
        ];
        let mut argv = vec![NAMES[program % NAMES.len()].to_owned()];
        argv.extend(args);
        let judged = of_argv(&argv);
        prop_assert!(!judged.why.is_empty());
    }

    /// Whatever stands around it, a removal is never taken for looking.
    #[test]
    fn a_removal_never_only_looks(
        before in "[a-z ]{0,8}(;|&&|\\|\\||&|\\||\n)", after in "(;|&&|\\||\n)[a-z ]{0,8}",
    ) {
        let judged = of_text(&format!("{before} rm -rf data {after}"));
        prop_assert!(judged.risk > Risk::ReadOnly, "{}", judged.why);
    }

    #[test]
    fn sql_never_fails(text in "[a-z'\"();\\\\ $/*-]{0,60}") {
        let _ = sql::judge(&text);
    }
}
