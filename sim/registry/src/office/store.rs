//! What was written since the country began: applications, appointments, companies, consents.

use std::path::Path;

use redb::{Database, ReadableDatabase as _, ReadableTable as _, TableDefinition};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Refusal;
use crate::error::{Error, StoreError};

/// What is written, by a key that says what it is and whose.
const WRITTEN: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("written");
/// The database's file.
const FILE_NAME: &str = "written.redb";

/// An embedded database; a write is durable when it returns.
pub(super) struct Store(Database);

// === impl Store ===

impl Store {
    pub(super) fn open(folder: &Path) -> Result<Self, Error> {
        std::fs::create_dir_all(folder).map_err(|source| Error::Folder {
            folder: folder.to_owned(),
            source,
        })?;
        let made = Database::create(folder.join(FILE_NAME)).map_err(StoreError::from);
        let database = made.map_err(Error::Fill)?;
        let prepared = || {
            let transaction = database.begin_write()?;
            transaction.open_table(WRITTEN)?;
            transaction.commit()?;
            Ok::<_, StoreError>(())
        };
        prepared().map_err(Error::Fill)?;
        Ok(Self(database))
    }

    pub(super) fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, Refusal> {
        let read = || {
            let table = self.0.begin_read()?.open_table(WRITTEN)?;
            Ok::<_, StoreError>(table.get(key)?.map(|value| value.value().to_vec()))
        };
        let found = read().map_err(|error| unusable(&error))?;
        Ok(found.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
    }

    /// Everything whose key begins with `prefix`, in the order of the keys.
    pub(super) fn list<T: DeserializeOwned>(&self, prefix: &str) -> Result<Vec<T>, Refusal> {
        let read = || {
            let table = self.0.begin_read()?.open_table(WRITTEN)?;
            let mut found = Vec::new();
            for entry in table.range(prefix..)? {
                let (key, value) = entry?;
                if !key.value().starts_with(prefix) {
                    break;
                }
                found.push(value.value().to_vec());
            }
            Ok::<_, StoreError>(found)
        };
        let found = read().map_err(|error| unusable(&error))?;
        let parsed = found
            .iter()
            .filter_map(|bytes| serde_json::from_slice(bytes).ok());
        Ok(parsed.collect())
    }

    /// Writes `value`; where `fresh`, only if there is nothing under `key`. Says whether it did.
    pub(super) fn put(
        &self,
        key: &str,
        value: &impl Serialize,
        fresh: bool,
    ) -> Result<bool, Refusal> {
        let bytes = serde_json::to_vec(value).map_err(|error| {
            tracing::error!(%error, "a value cannot be written as JSON");
            Refusal::NotWritten
        })?;
        let write = || {
            let transaction = self.0.begin_write()?;
            let is_new = {
                let mut table = transaction.open_table(WRITTEN)?;
                let is_new = table.get(key)?.is_none();
                if is_new || !fresh {
                    table.insert(key, bytes.as_slice())?;
                }
                is_new
            };
            transaction.commit()?;
            Ok::<_, StoreError>(is_new || !fresh)
        };
        write().map_err(|error| unusable(&error))
    }
}

impl Store {
    /// Replaces the value under `key` by what `change` makes of it, in one step: nobody else writes
    /// between the look and the write. A refusal changes nothing.
    pub(super) fn change<T: Serialize + DeserializeOwned, R>(
        &self,
        key: &str,
        change: impl FnOnce(Option<T>) -> Result<(T, R), Refusal>,
    ) -> Result<R, Refusal> {
        let broken = |error: StoreError| unusable(&error);
        let transaction = self.0.begin_write().map_err(|error| broken(error.into()))?;
        let told = {
            let mut table = transaction
                .open_table(WRITTEN)
                .map_err(|error| broken(error.into()))?;
            let kept = table.get(key).map_err(|error| broken(error.into()))?;
            let kept = kept.and_then(|value| serde_json::from_slice(value.value()).ok());
            let (value, told) = change(kept)?;
            let bytes = serde_json::to_vec(&value).map_err(|error| {
                tracing::error!(%error, "a value cannot be written as JSON");
                Refusal::NotWritten
            })?;
            table
                .insert(key, bytes.as_slice())
                .map_err(|error| broken(error.into()))?;
            told
        };
        transaction.commit().map_err(|error| broken(error.into()))?;
        Ok(told)
    }
}

fn unusable(error: &StoreError) -> Refusal {
    tracing::error!(%error, "the registry's database cannot be used");
    Refusal::NotWritten
}
