//! Transactions: what a method of the port does is done whole, or not at all.

/// Does the work in one transaction, which is kept only if all of it went well. A connection on
/// which something failed is not used again: a full disk ends SQLite's transaction behind the
/// driver's back, which then refuses to begin another one.
macro_rules! write {
    ($store:expr, $action:literal, |$conn:ident| $work:expr) => {{
        let result: $crate::fault::Outcome<_> = async {
            let mut connection = $store.writer.acquire().await?;
            let result: $crate::fault::Outcome<_> = async {
                let mut transaction = connection.begin_with(BEGIN_WRITE).await?;
                let $conn = &mut *transaction;
                let value = $work.await?;
                transaction.commit().await?;
                Ok(value)
            }
            .await;
            if result.is_err() {
                connection.close_on_drop();
            }
            result
        }
        .await;
        result.map_err(|fault: $crate::fault::Fault| fault.during($action))
    }};
}

/// Reads with several statements, all of which see the same state.
macro_rules! read {
    ($store:expr, $action:literal, |$conn:ident| $work:expr) => {{
        let result: $crate::fault::Outcome<_> = async {
            let mut transaction = $store.reader.begin_with(BEGIN_READ).await?;
            let $conn = &mut *transaction;
            let value = $work.await?;
            transaction.commit().await?;
            Ok(value)
        }
        .await;
        result.map_err(|fault: $crate::fault::Fault| fault.during($action))
    }};
}

/// Reads with one statement.
macro_rules! look {
    ($store:expr, $action:literal, |$conn:ident| $work:expr) => {{
        let result: $crate::fault::Outcome<_> = async {
            let mut connection = $store.reader.acquire().await?;
            let $conn = &mut *connection;
            $work.await
        }
        .await;
        result.map_err(|fault: $crate::fault::Fault| fault.during($action))
    }};
}
