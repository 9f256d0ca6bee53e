"""A relying party made of Authlib and Flask, and a person with a browser who logs in to it.

Authlib does what a relying party does: metadata, PKCE, `state`, `nonce`, the code, keys, the checks of
an ID token, refreshing, logging out. The browser is a few lines that fill in forms.

Argument: JSON that says where the provider is, and who the person is. Prints each part that went well.
"""

import base64
import hashlib
import html
import json
import re
import sys
import time
from urllib.parse import urljoin, urlsplit

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.flask_client import OAuth
from authlib.oidc.core import CodeIDToken
from flask import Flask, request, session

TOLD = json.loads(sys.argv[1])
PATIENCE_S = 30

app = Flask(__name__)
app.secret_key = "only for a test"
oauth = OAuth(app)
for name, issuer in [("log_in", TOLD["issuer"]), ("sign_on", TOLD["sign_on_issuer"])]:
    oauth.register(
        name,
        client_id=TOLD["client_id"],
        client_secret=TOLD["client_secret"],
        server_metadata_url=issuer + "/.well-known/openid-configuration",
        client_kwargs={"scope": "openid phone", "code_challenge_method": "S256"},
    )


@app.get("/begin/<name>")
def begin(name):
    session["name"] = name
    return oauth.create_client(name).authorize_redirect(TOLD["redirect_uri"])


@app.get("/login/callback")
def callback():
    client = oauth.create_client(session["name"])
    # TARA writes `at_hash` in its own way, which Authlib does not know; it is checked below.
    wishes = {"claims_cls": CodeIDToken} if session["name"] == "log_in" else {}
    try:
        return client.authorize_access_token(**wishes)
    except OAuthError as error:
        return {"refused": error.error}, 400


@app.get("/log-out")
def log_out():
    client = oauth.create_client("sign_on")
    hint = request.args["hint"]
    return client.logout_redirect(TOLD["afterwards"], id_token_hint=hint)


@app.get("/logged-out")
def logged_out():
    return oauth.create_client("sign_on").validate_logout_response()


def field(page, name):
    return html.unescape(re.search(f'name="{name}" value="([^"]*)"', page).group(1))


def through_the_provider(browser, url):
    """Follows the provider's pages as a person with Mobile-ID; gives where they lead to."""
    ends = time.monotonic() + PATIENCE_S
    answer = browser.get(url, allow_redirects=False)
    while time.monotonic() < ends:
        if answer.is_redirect:
            url = urljoin(answer.url, answer.headers["location"])
            if not url.startswith(TOLD["issuer"]):
                return url
            answer = browser.get(url, allow_redirects=False)
        elif 'id="mobile-id"' in answer.text:
            form = {
                "csrf": field(answer.text, "csrf"),
                "national_id": TOLD["national_id"],
                "phone_number": TOLD["phone_number"],
            }
            action = answer.url + "/mobile-id"
            answer = browser.post(action, data=form, allow_redirects=False)
        elif "refresh" in answer.headers:
            time.sleep(0.05)
            answer = browser.get(answer.url, allow_redirects=False)
        else:
            sys.exit(f"{answer.status_code} at {answer.url}: {answer.text}")
    sys.exit(f"still at {answer.url} after {PATIENCE_S} s")


def local(url):
    """The path and query of one of the application's own addresses."""
    return "/" + url.split("/", 3)[3]


def require(is_so, words):
    if not is_so:
        sys.exit(f"not so: {words}")


def log_in(browser, service, name):
    begun = service.get(f"/begin/{name}")
    return through_the_provider(browser, begun.headers["location"])


def brought(service, back):
    """What the relying party got for the code that the person came back with."""
    answer = service.get(local(back))
    require(answer.status_code == 200 and "userinfo" in answer.json, answer.text)
    return answer.json


def person_of(claims):
    return claims["given_name"], claims["family_name"]


def main():
    browser = requests.Session()
    service = app.test_client()
    person = (TOLD["given_name"], TOLD["family_name"])

    back = log_in(browser, service, "log_in")
    tokens = brought(service, back)
    claims = tokens["userinfo"]
    profile = claims["profile_attributes"]
    require(claims["sub"] == TOLD["subject"], claims)
    require(person_of(profile) == person, profile)
    require(profile["date_of_birth"] == TOLD["birth_date"], profile)
    require(claims["amr"] == ["mID"] and claims["acr"] == "high", claims)
    half = hashlib.sha256(tokens["access_token"].encode()).digest()[:16]
    require(claims["at_hash"] == base64.b64encode(half).decode(), claims)
    # Authlib takes a token for expired in its last minute; these live for 40 s.
    lasting = {name: tokens[name] for name in ("access_token", "token_type")}
    with app.test_request_context():
        info = oauth.log_in.userinfo(token=lasting)
    require(info["sub"] == TOLD["subject"], info)
    require(service.get(local(back)).status_code == 400, "a code is good once")
    print("log-in")

    back = log_in(browser, service, "sign_on")
    tokens = brought(service, back)
    claims = tokens["userinfo"]
    require(claims["sub"] == TOLD["subject"], claims)
    require(person_of(claims) == person, claims)
    require(claims["birthdate"] == TOLD["birth_date"], claims)
    with app.test_request_context():
        client = oauth.sign_on
        with client._get_oauth_client(**client.load_server_metadata()) as oauth2:
            endpoint = client.server_metadata["token_endpoint"]
            fresh = oauth2.refresh_token(endpoint, tokens["refresh_token"])
        again = client.parse_id_token(fresh, nonce=None)
    require(again["sid"] == claims["sid"] and again["sub"] == claims["sub"], again)
    begun = service.get("/log-out", query_string={"hint": fresh["id_token"]})
    sent = browser.get(begun.headers["location"], allow_redirects=False)
    where = sent.headers["location"]
    require(where.startswith(TOLD["afterwards"] + "?"), where)
    require(service.get(local(where)).status_code == 200, "the state came back")
    print("sign-on")

    back = urlsplit(log_in(browser, service, "log_in"))
    forged = re.sub("state=[^&]*", "state=somebody-elses", f"{back.path}?{back.query}")
    refused = service.get(forged)
    require(refused.status_code == 400, "Authlib sees another state")
    print("wrong state")


main()
