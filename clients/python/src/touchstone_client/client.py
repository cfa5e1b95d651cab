"""The way in: `Touchstone()`."""

from types import TracebackType

from touchstone_client import procedures
from touchstone_client.connection import Connection
from touchstone_client.credential import find_credential
from touchstone_client.dataset import Dataset, Source, open_source


class Touchstone(procedures.AllProcedures):
    """A Touchstone server: an attribute for each noun, a method for each procedure.

    Address and key are those given, else TOUCHSTONE_URL and TOUCHSTONE_API_KEY, else those that the instance whose
    folder is TOUCHSTONE_HOME, or the nearest `.touchstone` upwards, wrote down. Raises CredentialError without them.

    `timeout_s`: seconds that an answer may take, files apart.
    """

    datasets: "Datasets"

    def __init__(self, url: str | None = None, api_key: str | None = None, *, timeout_s: float = 60) -> None:
        credential = find_credential(url, api_key)
        self._connection = Connection(credential, timeout_s=timeout_s, client=self)
        super().__init__(self._connection)
        self.datasets = Datasets(self._connection)

    def __repr__(self) -> str:
        return f"Touchstone({self.url!r})"

    def __enter__(self) -> "Touchstone":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @property
    def url(self) -> str:
        return self._connection.url

    @property
    def version(self) -> str:
        """Of the server."""
        return self.status.get().version

    def close(self) -> None:
        """Closes the connections; runs go on."""
        self._connection.close()


class Datasets(procedures.DatasetsProcedures):
    def upload(
        self,
        source: Source,
        /,
        *,
        filename: str | None = None,
        name: str | None = None,
    ) -> Dataset:
        """Uploads a CSV, JSON Lines or Parquet file as a new dataset, without holding it in memory.

        `source`: a path, a file opened for bytes, a pandas DataFrame (uploaded as CSV, without its index), or pieces of
        bytes. `filename` says which format it is. Raises InvalidError with the line or column that cannot be read;
        nothing is kept then.
        """
        with open_source(source, filename) as (opened_as, file):
            return super().upload(file, filename=opened_as, name=name)
