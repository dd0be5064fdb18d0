//! Any service with a port that speaks HTTP, and what the repository itself says about its health.

use super::super::{Judge, Question, Way};
use super::{Service, ask};
use crate::engine::commands::Kind;

/// The product of a health check that runs inside the container.
pub const INSIDE: &str = "healthcheck";

/// Ports that speak something else than HTTP; they are only connected to.
const OTHER: &[u16] = &[
    21, 22, 25, 53, 110, 143, 389, 465, 587, 636, 993, 995, 1025, 1433, 1521, 1883, 2181, 3306,
    3389, 4222, 4317, 5432, 5671, 5672, 6379, 6432, 7687, 8883, 9042, 9092, 9093, 9094, 9229, 5005,
    5678, 11211, 26379, 27017, 50051,
];

/// What is asked of a service of which nothing else is known.
pub(super) fn questions(service: &Service) -> Vec<Question> {
    let mut found = pages(service);
    if !service.healthcheck.is_empty() {
        let way = Way::Exec(service.healthcheck.clone());
        let own = ask("healthcheck", "Its own health check", Kind::Health, way);
        let risk_why = "the engine itself runs it all the time";
        found.push(Question { risk_why, judge: Some(Judge::HEALTHCHECK), ..own.within(10) });
    }
    found
}

/// One question for each of its published ports.
pub(super) fn pages(service: &Service) -> Vec<Question> {
    const IDS: [(&str, &str); 4] =
        [("http", "tcp"), ("http-2", "tcp-2"), ("http-3", "tcp-3"), ("http-4", "tcp-4")];
    let mut ports: Vec<u16> =
        service.ports.iter().filter(|it| it.published.is_some()).map(|it| it.target).collect();
    ports.dedup();
    let known = health_path(service);
    ports
        .into_iter()
        .zip(IDS)
        .map(|(port, (http, tcp))| {
            let health = known.as_ref().filter(|it| it.0 == port).map(|it| it.1.clone());
            let (judge, title, path) = match health {
                Some(path) => (Judge::HTTP_HEALTH, format!("Is {path} fine?"), path),
                None => (Judge::HTTP_ANSWERS, format!("Does port {port} answer?"), "/".to_owned()),
            };
            // 443 wants a certificate that names this machine, which it does not.
            if OTHER.contains(&port) || port == 443 || port == 8443 {
                let question = ask(tcp, &title, Kind::Health, Way::Tcp { port });
                return Question { judge: Some(Judge::TCP), ..question };
            }
            let question = ask(http, &title, Kind::Health, Way::Http { port, path });
            Question { judge: Some(judge), ..question }
        })
        .collect()
}

/// Port and path that the service's own health check asks for, where it does so by HTTP.
fn health_path(service: &Service) -> Option<(u16, String)> {
    service.healthcheck.iter().find_map(|text| {
        let rest = text.split_once("http://")?.1;
        let end = |it: char| {
            it.is_whitespace() || matches!(it, '\'' | '"' | ')' | ';' | '|' | '&' | '`' | '$')
        };
        let url = rest.split(end).next()?;
        let (host, path) =
            url.split_once('/').map_or((url, String::new()), |it| (it.0, it.1.to_owned()));
        let (name, port) = host.rsplit_once(':').unwrap_or((host, "80"));
        if !matches!(name, "localhost" | "127.0.0.1" | "0.0.0.0" | "[::1]") {
            return None;
        }
        Some((port.parse().ok()?, format!("/{path}")))
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::{Judge, Way};
    use super::super::questions;
    use super::super::tests::service;
    use crate::engine::commands::Port;

    #[test]
    fn the_health_check_tells_the_path() {
        let mut api = service("api", None);
        api.ports = vec![
            Port { target: 8000, published: Some(18000), host: None },
            Port { target: 9229, published: Some(9229), host: None },
        ];
        api.healthcheck = vec![
            "python".into(),
            "-c".into(),
            "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/health')".into(),
        ];
        let found = questions(&api);
        let way =
            |id: &str| found.iter().find(|it| it.id == id).map(|it| (it.way.clone(), it.judge));
        assert_eq!(
            way("http"),
            Some((Way::Http { port: 8000, path: "/health".into() }, Some(Judge::HTTP_HEALTH)))
        );
        assert_eq!(way("tcp-2"), Some((Way::Tcp { port: 9229 }, Some(Judge::TCP))));
        assert_eq!(way("healthcheck").map(|it| it.0), Some(Way::Exec(api.healthcheck.clone())));
        api.healthcheck =
            vec!["sh".into(), "-c".into(), "curl -f http://localhost:8000 || exit 1".into()];
        assert_eq!(questions(&api)[0].way, Way::Http { port: 8000, path: "/".into() });
        api.healthcheck = vec!["curl".into(), "http://elsewhere:8000/x".into()];
        assert_eq!(questions(&api)[0].judge, Some(Judge::HTTP_ANSWERS));
    }
}
