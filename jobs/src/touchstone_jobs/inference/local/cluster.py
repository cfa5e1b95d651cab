"""Where copies of a model run: one for each GPU, or one for each node with all of its processors."""

from dataclasses import dataclass
from typing import Any, Literal

from touchstone_jobs.inference.model import EndpointRefuses


@dataclass(frozen=True, slots=True)
class Place:
    node_id: str
    node: str
    """Its address, for people."""
    cpus: int
    gpus: int


def connect() -> None:
    """Joins the cluster that runs the driver: RAY_ADDRESS, which Ray sets for its jobs."""
    import logging

    import ray

    if not ray.is_initialized():
        ray.init(address="auto", log_to_driver=False, logging_level=logging.ERROR)


def find_places(device: Literal["cpu", "gpu"] | None) -> list[Place]:
    """Raises EndpointRefuses where the cluster does not have what is asked for: nobody would wait for it to come."""
    nodes = _alive()
    gpus = [
        Place(node["NodeID"], node["NodeManagerAddress"], cpus=0, gpus=1)
        for node in nodes
        for _ in range(int(node["Resources"].get("GPU", 0)))
    ]
    if gpus and device != "cpu":
        return gpus
    if device == "gpu":
        raise EndpointRefuses(
            f"The model asks for a GPU, and the Ray cluster ({len(nodes)} node{'s' * (len(nodes) != 1)}) has none: "
            'add a node with one, or set device to "cpu".'
        )
    cpus = [
        Place(node["NodeID"], node["NodeManagerAddress"], cpus=int(node["Resources"]["CPU"]), gpus=0)
        for node in nodes
        if node["Resources"].get("CPU", 0) >= 1
    ]
    if not cpus:
        raise EndpointRefuses("No node of the Ray cluster has a processor for models.")
    return cpus


def is_alive(place: Place) -> bool:
    return any(node["NodeID"] == place.node_id for node in _alive())


def _alive() -> list[dict[str, Any]]:
    import ray

    nodes: list[dict[str, Any]] = ray.nodes()  # type: ignore[no-untyped-call]
    return [node for node in nodes if node["Alive"]]


def options_for(place: Place) -> dict[str, Any]:
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    return {
        "num_cpus": place.cpus,
        "num_gpus": place.gpus,
        "max_restarts": 0,
        "scheduling_strategy": NodeAffinitySchedulingStrategy(node_id=place.node_id, soft=False),
    }
