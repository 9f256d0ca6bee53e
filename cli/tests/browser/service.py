"""A service beside the portal that people log in to with single sign-on, as somebody else would write
it: Flask, and Authlib as the OpenID Connect client.

Arguments: the port to listen on, the issuer, the client_id, the client_secret. Says when it is up.
"""

import sys

from authlib.integrations.flask_client import OAuth
from authlib.jose import JsonWebKey, jwt
from flask import Flask, redirect, render_template_string, request, session

port, issuer, client_id, client_secret = sys.argv[1:]
base = f"http://127.0.0.1:{port}"
EVENT = "http://schemas.openid.net/event/backchannel-logout"
PAGE = """<!doctype html><html lang="en"><title>Tax application</title><link rel="icon" href="data:,"><h1>Tax application</h1>
{% if person %}<p>Good day, <strong id="person">{{ person }}</strong>
<form method="post" action="/log-out"><button id="log-out">Log out</button></form>
{% else %}<p id="nobody">Nobody is logged in. <a id="log-in" href="/log-in">Log in</a>{% endif %}"""

app = Flask(__name__)
app.secret_key = "only for a test"
# The portal's host is the same one, whose cookies must not be written over.
app.config["SESSION_COOKIE_NAME"] = "tax-app"
oauth = OAuth(app)
provider = oauth.register(
    "provider",
    client_id=client_id,
    client_secret=client_secret,
    server_metadata_url=issuer + "/.well-known/openid-configuration",
    client_kwargs={"scope": "openid", "code_challenge_method": "S256"},
)
# Who is logged in, by the provider's name of the session, which logout tokens have.
people = {}


@app.get("/")
def front():
    person = people.get(session.get("sid"), {}).get("name")
    return render_template_string(PAGE, person=person)


@app.get("/log-in")
def log_in():
    return provider.authorize_redirect(base + "/back")


@app.get("/back")
def back():
    tokens = provider.authorize_access_token()
    claims = tokens["userinfo"]
    name = f"{claims['given_name']} {claims['family_name']}"
    people[claims["sid"]] = {"name": name, "hint": tokens["id_token"]}
    session["sid"] = claims["sid"]
    return redirect("/")


@app.post("/log-out")
def log_out():
    person = people.pop(session.pop("sid", None), None)
    if person is None:
        return redirect("/")
    return provider.logout_redirect(base + "/", id_token_hint=person["hint"])


@app.post("/logged-out-elsewhere")
def logged_out_elsewhere():
    keys = JsonWebKey.import_key_set(provider.fetch_jwk_set())
    claims = jwt.decode(request.form["logout_token"], keys)
    claims.validate()
    if claims["iss"] != issuer or claims["aud"] != client_id or EVENT not in claims["events"]:
        return "not for this service", 400
    people.pop(claims["sid"], None)
    return "", 200


print("service on", port, flush=True)
app.run("127.0.0.1", int(port))
