"""The Flask app: the edge's hooks around the blueprints of app/http."""

from __future__ import annotations

from types import ModuleType

from flask import Flask

from app.edge.edge import Edge
from app.edge.metrics import Metrics
from app.edge.openapi import OpenApi
from app.edge.rate_limits import RateLimits
from app.edge.running import Running
from app.edge.service import Service
from app.http import attributes
from app.http import budgets
from app.http import catalog
from app.http import changes
from app.http import content
from app.http import coupons
from app.http import decisions
from app.http import definitions
from app.http import docs
from app.http import erasure
from app.http import events
from app.http import explanations
from app.http import health
from app.http import jobs
from app.http import keys
from app.http import limits
from app.http import log
from app.http import models
from app.http import offers
from app.http import prices
from app.http import proposals
from app.http import quarantine
from app.http import redemptions
from app.http import reports
from app.http import rulesets
from app.http import shoppers
from app.http import signing_keys
from app.http import simulations
from app.http import site
from app.http import timelines
from app.http import usage
from app.wiring import Services

RESOURCES: tuple[ModuleType, ...] = (
    events,
    quarantine,
    catalog,
    prices,
    decisions,
    content,
    offers,
    explanations,
    log,
    shoppers,
    timelines,
    usage,
    redemptions,
    reports,
    budgets,
    coupons,
    definitions,
    rulesets,
    simulations,
    proposals,
    attributes,
    site,
    erasure,
    keys,
    changes,
    jobs,
    limits,
    models,
    signing_keys,
    docs,
    health,
)
"""Every module of app/http; each has `blueprint(services) -> Blueprint`."""


def create_app(services: Services) -> Flask:
    """The app over these services; whoever made the services closes them."""
    metrics = Metrics(services.follower.lags, services.follower.set_aside)
    app = Service(Edge(services.callers, services.log, RateLimits(), Running(), metrics))
    api = OpenApi(app)
    for resource in RESOURCES:
        api.register_blueprint(resource.blueprint(services))
    return app
