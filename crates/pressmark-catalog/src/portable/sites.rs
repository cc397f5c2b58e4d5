//! What sites taught.

use async_trait::async_trait;
use pressmark_archive::ports::catalog::{CatalogError, Result as Stored};
use pressmark_archive::ports::sites::Sites;
use pressmark_archive::site::{InUse, Profile, Site};
use sqlx::Connection as _;

use super::super::dialect::{BEGIN_READ, BEGIN_WRITE};
use super::{Conn, Fields, Row, Store};
use crate::fault::Outcome;

#[async_trait]
impl Sites for Store {
    async fn site(&self, scope: &str, host: &str) -> Stored<Option<Site>> {
        read!(self, "read what a site taught", |conn| one(
            conn, scope, host
        ))
    }

    async fn store_site(&self, site: &Site, taught_before: u64) -> Stored<bool> {
        write!(self, "store what a site taught", |conn| store(
            conn,
            site,
            taught_before
        ))
    }

    async fn profile_in_use(&self, scope: &str, host: &str) -> Stored<Option<String>> {
        look!(self, "look a site up", |conn| in_use(conn, scope, host))
    }

    async fn profiles_in_use(&self) -> Stored<Vec<String>> {
        look!(self, "list the profiles in use", |conn| all_in_use(conn))
    }

    async fn profile(&self, name: &str) -> Stored<Option<Profile>> {
        look!(self, "read a profile", |conn| profile(conn, name))
    }
}

async fn one(conn: &mut Conn, scope: &str, host: &str) -> Outcome<Option<Site>> {
    let row = sqlx::query(
        "SELECT s.taught, s.learning, s.in_use_taught, s.in_use_since, p.bytes
        FROM site s LEFT JOIN profile p ON p.name = s.in_use
        WHERE s.scope = $1 AND s.host = $2",
    )
    .bind(scope)
    .bind(host)
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let fields = Fields::of("site", &row);
    let in_use = match fields.bytes_opt("bytes")? {
        Some(bytes) => Some(InUse {
            profile: read(&fields, "in_use", &bytes)?,
            taught: fields.count("in_use_taught")?,
            since: fields.time("in_use_since")?,
        }),
        None => None,
    };
    Ok(Some(Site {
        scope: scope.to_owned(),
        host: host.to_owned(),
        taught: fields.count("taught")?,
        learning: read(&fields, "learning", &fields.bytes("learning")?)?,
        in_use,
    }))
}

fn read(fields: &Fields<'_>, column: &str, bytes: &[u8]) -> Result<Profile, CatalogError> {
    Profile::from_bytes(bytes).map_err(|error| fields.damaged(column, error))
}

async fn store(conn: &mut Conn, site: &Site, taught_before: u64) -> Outcome<bool> {
    let in_use = site.in_use.as_ref();
    let name = in_use.map(|used| used.profile.name());
    if let (Some(used), Some(name)) = (in_use, &name) {
        sqlx::query("INSERT INTO profile (name, bytes) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(name.as_str())
            .bind(used.profile.to_bytes())
            .execute(&mut *conn)
            .await?;
    }
    let statement = if taught_before == 0 {
        "INSERT INTO site (scope, host, taught, learning, in_use, in_use_taught, in_use_since)
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING"
    } else {
        "UPDATE site
        SET taught = $3, learning = $4, in_use = $5, in_use_taught = $6, in_use_since = $7
        WHERE scope = $1 AND host = $2 AND taught = $8"
    };
    let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let mut query = sqlx::query(statement)
        .bind(site.scope.as_str())
        .bind(site.host.as_str())
        .bind(count(site.taught))
        .bind(site.learning.to_bytes())
        .bind(name)
        .bind(in_use.map(|used| count(used.taught)))
        .bind(in_use.map(|used| used.since.micros()));
    if taught_before > 0 {
        query = query.bind(count(taught_before));
    }
    Ok(query.execute(conn).await?.rows_affected() == 1)
}

async fn in_use(conn: &mut Conn, scope: &str, host: &str) -> Outcome<Option<String>> {
    let row = sqlx::query("SELECT in_use FROM site WHERE scope = $1 AND host = $2")
        .bind(scope)
        .bind(host)
        .fetch_optional(conn)
        .await?;
    match row {
        Some(row) => Ok(Fields::of("site", &row).text_opt("in_use")?),
        None => Ok(None),
    }
}

async fn all_in_use(conn: &mut Conn) -> Outcome<Vec<String>> {
    let rows = sqlx::query(
        "SELECT scope, host, in_use FROM site WHERE in_use IS NOT NULL ORDER BY scope, host",
    )
    .fetch_all(conn)
    .await?;
    let line = |row: &Row| {
        let fields = Fields::of("site", row);
        let (scope, host) = (fields.text("scope")?, fields.text("host")?);
        Ok(format!("{scope} {host} {}", fields.text("in_use")?))
    };
    rows.iter().map(line).collect()
}

async fn profile(conn: &mut Conn, name: &str) -> Outcome<Option<Profile>> {
    let row = sqlx::query("SELECT bytes FROM profile WHERE name = $1")
        .bind(name)
        .fetch_optional(conn)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let fields = Fields::of("profile", &row);
    let profile = read(&fields, "bytes", &fields.bytes("bytes")?)?;
    if profile.name() != name {
        return Err(fields.damaged("bytes", "are of another name").into());
    }
    Ok(Some(profile))
}
