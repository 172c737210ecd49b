"""Makes a service's Flask app the one way: strict reading, guarded doors, problems, headers, look, operations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Flask, Response, g, jsonify
from werkzeug.middleware.proxy_fix import ProxyFix

from chassis.access import PUBLIC, may
from chassis.web import bodies, form_tokens, headers, ops, problems, renewing, set_aside
from chassis.web.api import HouseApi
from chassis.web.door import check_doors, door
from chassis.web.look import dress

if TYPE_CHECKING:
    from chassis.service import Service

# The largest body any door takes; partner messages are at most 256 KB (events.md, Topics).
MAX_BODY_BYTES = 512 * 1024


def make(service: Service) -> Flask:
    """Gives the service's app; a route without an action keeps it from being made."""
    app = Flask(f"services.{service.name}", static_folder=None, template_folder=str(service.parts.folder / "templates"))
    app.extensions["beenthere"] = service
    if service.settings.server == "gunicorn":
        # It runs behind our proxy alone, which says in this header, and in no other, where a request came from.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=0, x_host=0)  # type: ignore[method-assign]
    # An address with a slash at its end is the same address.
    app.url_map.strict_slashes = False
    app.config.update(
        # Whatever an environment variable of the framework says.
        DEBUG=False,
        MAX_CONTENT_LENGTH=MAX_BODY_BYTES,
        MAX_FORM_MEMORY_SIZE=MAX_BODY_BYTES,
        API_TITLE=f"Been There: {service.name}",
        API_VERSION="1.0.0",
        OPENAPI_VERSION="3.1.0",
        JSON_SORT_KEYS=False,
        PROPAGATE_EXCEPTIONS=False,
    )
    dress(app, demo=service.settings.demo)
    headers.attach(app, service)
    bodies.check_bodies(app)
    form_tokens.attach(app, service)
    problems.answer_trouble(app, service)
    app.register_blueprint(ops.blueprint(service.name))
    if aside := set_aside.blueprint(service.name, service.rules):
        app.register_blueprint(aside)
    for pages in service.parts.pages:
        app.register_blueprint(pages)
    _document(app, service)
    _surround(app, service)
    service.actions = check_doors(app, service.rules)
    return app


def _document(app: Flask, service: Service) -> None:
    api = HouseApi(
        app,
        spec_kwargs={
            "info": {"description": service.parts.purpose},
            "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
            "security": [{"bearer": []}],
        },
    )
    for blueprint in service.parts.api:
        api.register_blueprint(blueprint)

    def openapi() -> Response:
        return jsonify(api.spec.to_dict())

    app.add_url_rule(f"/openapi/{service.name}.json", "openapi", door(PUBLIC)(openapi))


def _surround(app: Flask, service: Service) -> None:
    for endpoint in ("static", "swagger_file"):
        view = app.view_functions.get(endpoint)
        if view and not hasattr(view, "door_action"):
            app.view_functions[endpoint] = door(PUBLIC)(view)

    @app.context_processor
    def surroundings() -> dict[str, Any]:
        who = g.get("who")
        if who is None or who.kind == "nobody":
            return {"who": None, "navigation": [], "may": lambda action: False}
        links = [
            {"text": text, "href": href}
            for text, href, action in service.parts.navigation
            if may(service.rules, who, action)
        ]
        return {
            "rests_in": renewing.rests_in(service),
            "who": {"called": service.greeting(g.called), "role": ", ".join(sorted(who.roles)).replace("_", " ")},
            "navigation": links,
            "may": lambda action: may(service.rules, who, action),
        }
