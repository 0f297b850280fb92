//! Integrations, connection links and packages.

use super::Store;
use crate::domain::time::Timestamp;
use crate::kombo::wire::{EndUser, Package, PackageType};
use crate::sandbox::Error;
use serde::Serialize;

/// An integration.
#[derive(Clone, Debug, sqlx::FromRow, Serialize)]
pub struct IntegrationRow {
    /// Kombo's id (`greenhouse:…`).
    pub id: String,
    /// The ATS.
    pub tool: String,
    /// Whose it is.
    pub organization_name: String,
    /// Who made it.
    pub creator_email: Option<String>,
    /// The id that the provider gave the customer.
    pub origin_id: Option<String>,
    /// `ACTIVE`, `INVALID` or `INACTIVE`.
    pub state: String,
    /// `PENDING`, `FAILED` or `PASSED`.
    pub qa_status: String,
    /// `INCOMPLETE`, `FINAL_SYNC_PENDING` or `COMPLETED`.
    pub setup_status: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When its state last changed.
    pub updated_at: Timestamp,
}

impl IntegrationRow {
    /// Whose it is, as Kombo tells it.
    pub fn end_user(&self) -> EndUser {
        EndUser {
            organization_name: self.organization_name.clone(),
            creator_email: self.creator_email.clone(),
            origin_id: self.origin_id.clone(),
        }
    }

    /// The name of its ATS for people.
    pub fn label(&self) -> &str {
        crate::sandbox::tools::label(&self.tool)
    }
}

/// A connection link, or a link by which an integration is connected again.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct LinkRow {
    /// What stands in its address.
    pub token: String,
    /// The product area.
    pub category: String,
    /// Whom it is for.
    pub organization_name: String,
    /// The contact.
    pub email: Option<String>,
    /// The id that the provider gave the customer.
    pub origin_id: Option<String>,
    /// The ATS, where it is fixed.
    pub tool: Option<String>,
    /// The integration that it connects again, or that it made.
    pub integration_id: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops being good.
    pub expires_at: Timestamp,
    /// When it was used.
    pub used_at: Option<Timestamp>,
}

/// A package that an integration offers or offered.
#[derive(Clone, Debug, sqlx::FromRow, Serialize)]
pub struct PackageRow {
    /// The provider's key.
    pub id: String,
    /// What sort it is.
    #[sqlx(rename = "type")]
    pub package_type: String,
    /// Its name.
    pub name: String,
    /// Its description.
    pub description: String,
    /// When it was last set.
    pub updated_at: Timestamp,
    /// Whether the last list left it out.
    pub withdrawn: bool,
}

impl PackageRow {
    /// What sort it is, in words.
    pub fn sort(&self) -> &'static str {
        match PackageType::from(self.package_type.as_str()) {
            PackageType::Behavioral => "Behaviour",
            PackageType::VideoInterview => "Video interview",
            PackageType::SkillsTest => "Skills test",
            PackageType::BackgroundCheck => "Background check",
            PackageType::ReferenceCheck => "Reference check",
            PackageType::Other(_) => "Other",
        }
    }
}

impl Store {
    /// Keeps an integration.
    pub async fn add_integration(&self, row: &IntegrationRow) -> Result<(), Error> {
        sqlx::query("INSERT INTO integrations VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)")
            .bind(&row.id)
            .bind(&row.tool)
            .bind(&row.organization_name)
            .bind(&row.creator_email)
            .bind(&row.origin_id)
            .bind(&row.state)
            .bind(&row.qa_status)
            .bind(&row.setup_status)
            .bind(row.created_at)
            .bind(row.updated_at)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// One integration.
    pub async fn integration(&self, id: &str) -> Result<Option<IntegrationRow>, Error> {
        Ok(sqlx::query_as("SELECT * FROM integrations WHERE id = $1")
            .bind(id)
            .fetch_optional(&self.pool)
            .await?)
    }

    /// All integrations, oldest first.
    pub async fn integrations(&self) -> Result<Vec<IntegrationRow>, Error> {
        Ok(sqlx::query_as("SELECT * FROM integrations ORDER BY created_at, rowid")
            .fetch_all(&self.pool)
            .await?)
    }

    /// Changes how an integration fares; false where there is none.
    pub async fn set_state(&self, id: &str, state: &str, setup_status: &str, at: Timestamp) -> Result<bool, Error> {
        let done = sqlx::query("UPDATE integrations SET state = $2, setup_status = $3, updated_at = $4 WHERE id = $1")
            .bind(id)
            .bind(state)
            .bind(setup_status)
            .bind(at)
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Deletes an integration; its orders stay for people to look at.
    pub async fn delete_integration(&self, id: &str) -> Result<bool, Error> {
        let done = sqlx::query("DELETE FROM integrations WHERE id = $1")
            .bind(id)
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Keeps a link.
    pub async fn add_link(&self, row: &LinkRow) -> Result<(), Error> {
        sqlx::query("INSERT INTO links VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)")
            .bind(&row.token)
            .bind(&row.category)
            .bind(&row.organization_name)
            .bind(&row.email)
            .bind(&row.origin_id)
            .bind(&row.tool)
            .bind(&row.integration_id)
            .bind(row.created_at)
            .bind(row.expires_at)
            .bind(row.used_at)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// One link.
    pub async fn link(&self, token: &str) -> Result<Option<LinkRow>, Error> {
        Ok(sqlx::query_as("SELECT * FROM links WHERE token = $1")
            .bind(token)
            .fetch_optional(&self.pool)
            .await?)
    }

    /// Links that nobody used yet, newest first.
    pub async fn open_links(&self, now: Timestamp) -> Result<Vec<LinkRow>, Error> {
        let sql = "SELECT * FROM links WHERE used_at IS NULL AND expires_at > $1 ORDER BY created_at DESC, rowid DESC LIMIT 20";
        Ok(sqlx::query_as(sql).bind(now).fetch_all(&self.pool).await?)
    }

    /// Marks a link as used; false where somebody was quicker.
    pub async fn use_link(&self, token: &str, integration: &str, at: Timestamp) -> Result<bool, Error> {
        let done =
            sqlx::query("UPDATE links SET used_at = $3, integration_id = $2 WHERE token = $1 AND used_at IS NULL")
                .bind(token)
                .bind(integration)
                .bind(at)
                .execute(&self.pool)
                .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Sets the whole list of an integration's packages; what is left out is withdrawn.
    pub async fn set_packages(&self, integration: &str, packages: &[Package], at: Timestamp) -> Result<(), Error> {
        let mut tx = self.pool.begin().await?;
        sqlx::query("UPDATE packages SET withdrawn = 1 WHERE integration_id = $1")
            .bind(integration)
            .execute(&mut *tx)
            .await?;
        for (position, package) in (0_i64..).zip(packages) {
            sqlx::query(
                "INSERT INTO packages VALUES ($1, $2, $3, $4, $5, $6, $7, 0)
                 ON CONFLICT (integration_id, id) DO UPDATE SET position = excluded.position, type = excluded.type,
                     name = excluded.name, description = excluded.description, updated_at = excluded.updated_at, withdrawn = 0",
            )
            .bind(integration)
            .bind(&package.id)
            .bind(position)
            .bind(package.package_type.as_str())
            .bind(&package.name)
            .bind(&package.description)
            .bind(at)
            .execute(&mut *tx)
            .await?;
        }
        Ok(tx.commit().await?)
    }

    /// An integration's packages in their order; the withdrawn ones last.
    pub async fn packages(&self, integration: &str) -> Result<Vec<PackageRow>, Error> {
        let sql = "SELECT id, type, name, description, updated_at, withdrawn FROM packages WHERE integration_id = $1
                   ORDER BY withdrawn, position, id";
        Ok(sqlx::query_as(sql).bind(integration).fetch_all(&self.pool).await?)
    }
}
