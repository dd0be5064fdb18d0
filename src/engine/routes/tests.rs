//! Routes as each framework writes them.

use super::*;

fn request(verb: &str, path: &str) -> Request {
    Request {
        verb: Some(verb.to_owned()),
        segments: path.split('/').filter(|it| !it.is_empty()).map(str::to_owned).collect(),
        status: None,
        certain: true,
    }
}

/// The line of the best route, and its handler as `Scope.name`.
fn best(file: &str, text: &str, verb: &str, path: &str) -> Option<(u64, String)> {
    let asked = request(verb, path);
    let routes = routes_of(file, text.as_bytes());
    let mut fits: Vec<(f32, &Route)> =
        routes.iter().filter_map(|it| Some((fit(it, &asked)?, it))).collect();
    fits.sort_by(|one, other| other.0.total_cmp(&one.0));
    fits.first().map(|(_, it)| {
        let handler = it.handler.as_ref().map_or(String::new(), |it| {
            let mut all = it.scope.clone();
            all.extend(it.name.clone());
            all.join(".")
        });
        (it.line, handler)
    })
}

#[test]
fn decorators_and_annotations() {
    for (file, text, verb, path, line) in [
        (
            "a.py",
            "router = APIRouter(prefix=\"/auth\")\n@router.get(\"/me\")\ndef me(): ...\n@router.post(\n    \"/login\",\n    response_model=Token,\n)\nasync def login(): ...",
            "POST",
            "/api/v1/auth/login",
            8,
        ),
        (
            "a.py",
            "@bp.route('/users/<int:id>', methods=['GET', 'POST'])\ndef user(id): ...",
            "GET",
            "/users/7",
            2,
        ),
        (
            "a.ts",
            "@Controller('portfolio')\nexport class PortfolioController {\n  @Get('details')\n  @UseGuards(AuthGuard('jwt'))\n  public async getDetails(\n",
            "GET",
            "/api/v1/portfolio/details",
            5,
        ),
        (
            "A.java",
            "@RestController\n@RequestMapping(\"/api/users\")\npublic class A {\n  @GetMapping(\"/{id}\")\n  public User get(@PathVariable Long id) {",
            "GET",
            "/api/users/42",
            5,
        ),
        (
            "A.cs",
            "[ApiController]\n[Route(\"api/[controller]\")]\npublic class OrdersController : ControllerBase\n{\n    [HttpGet(\"{id:int}\")]\n    public async Task<Order> GetOrder(int id)",
            "GET",
            "/api/orders/9",
            6,
        ),
        ("a.rs", "#[post(\"/login\")]\nasync fn login() {}", "POST", "/login", 2),
        (
            "A.php",
            "#[Route('/blog/{slug}', name: 'blog_show', methods: ['GET'])]\npublic function show(): Response",
            "GET",
            "/blog/x",
            2,
        ),
    ] {
        assert_eq!(best(file, text, verb, path).map(|it| it.0), Some(line), "{text}");
    }
}

#[test]
fn calls_name_their_handlers() {
    for (file, text, verb, path, handler) in [
        (
            "r.go",
            "m.Group(\"/user\", func() {\n\tm.Get(\"/login\", user.Login)\n\tm.Post(\"/login\", bindIgnErr(form.SignIn{}), user.LoginPost)\n})",
            "POST",
            "/user/login",
            "user.LoginPost",
        ),
        (
            "r.go",
            "v1 := r.Group(\"/api/v1\")\nv1.GET(\"/orders/:id\", h.GetOrder)",
            "GET",
            "/api/v1/orders/3",
            "h.GetOrder",
        ),
        ("r.go", "mux.HandleFunc(\"GET /items/{id}\", s.item)", "GET", "/items/3", "s.item"),
        (
            "urls.py",
            "urlpatterns = [\n    path('login/', views.LoginView.as_view(), name='login'),\n]",
            "POST",
            "/accounts/login/",
            "views.LoginView",
        ),
        (
            "r.js",
            "router.post('/login', limiter, authController.login);",
            "POST",
            "/api/auth/login",
            "authController.login",
        ),
        (
            "web.php",
            "Route::post('/login', [LoginController::class, 'store']);",
            "POST",
            "/login",
            "LoginController.store",
        ),
        (
            "router.ex",
            "  scope \"/api\", ShopWeb do\n    get \"/carts/:id\", CartController, :show\n  end",
            "GET",
            "/api/carts/5",
            "CartController.show",
        ),
        (
            "main.rs",
            "    .route(\"/users/{id}\", get(users::show).post(users::update))",
            "POST",
            "/users/1",
            "users.update",
        ),
        (
            "config/routes.rb",
            "Rails.application.routes.draw do\n  namespace :admin do\n    resources :users do\n      member do\n        post :block\n      end\n    end\n  end\n  get \"/login\", to: \"sessions#new\"\nend",
            "POST",
            "/admin/users/3/block",
            "admin.users_controller.block",
        ),
        (
            "config/routes.rb",
            "  resources :gems, only: [:index, :show], controller: \"rubygems\"\n",
            "GET",
            "/gems/rails",
            "rubygems_controller.show",
        ),
        (
            "config/routes.rb",
            "  get 'login' => 'sessions#new'\n",
            "GET",
            "/login",
            "sessions_controller.new",
        ),
    ] {
        assert_eq!(best(file, text, verb, path).map(|it| it.1), Some(handler.to_owned()), "{text}");
    }
}

#[test]
fn chains_blocks_and_statements_over_several_lines() {
    for (file, text, verb, path, handler) in [
        (
            "r.go",
            "m.Group(\"/hooks\", func() {\n\tm.Combo(\"/:id\").\n\t\tPatch(bind(editHook{}), editHook).\n\t\tDelete(deleteHook)\n})",
            "DELETE",
            "/api/v1/hooks/7",
            "deleteHook",
        ),
        (
            "r.js",
            "router.route('/orders')\n  .get(list)\n  .post(auth, orders.create);",
            "POST",
            "/orders",
            "orders.create",
        ),
        (
            "r.js",
            "router.post(\n  '/links',\n  cors(),\n  wrap(auth.key),\n  wrap(link.create)\n);",
            "POST",
            "/api/links",
            "link.create",
        ),
        (
            "A.java",
            "      .POST(\n          \"plugins/{name}/upgrade\",\n          contentType(FORM),\n          this::upgrade,\n          builder -> builder)",
            "POST",
            "/apis/plugins/x/upgrade",
            "upgrade",
        ),
        (
            "urls.py",
            "    re_path(\n        r\"^api/\",\n        include(\n            [\n                re_path(\n                    \"^search/\",\n                    SearchView.as_view(),\n                ),\n            ]\n        ),\n    ),\n",
            "GET",
            "/api/search/",
            "SearchView",
        ),
        (
            "lib.rs",
            "    cfg.service(\n      scope(\"/api/v4\")\n        .service(\n          scope(\"/site\")\n            .route(\"\", get().to(get_site))\n            .route(\"/icon\", post().to(upload_icon)),\n        ),\n    );",
            "POST",
            "/api/v4/site/icon",
            "upload_icon",
        ),
        (
            "shop.proto",
            "  rpc CreateMemo(CreateMemoRequest) returns (Memo) {\n    option (google.api.http) = {post: \"/api/v1/{parent=users/*}/memos\"};\n  }",
            "POST",
            "/api/v1/users/7/memos",
            "CreateMemo",
        ),
        (
            "config/routes.rb",
            "  resources :rubygems,\n    path: 'gems',\n    only: %i[show] do\n    collection do\n      delete :yank, to: \"deletions#create\"\n    end\n  end\n",
            "DELETE",
            "/gems/yank",
            "deletions_controller.create",
        ),
    ] {
        assert_eq!(best(file, text, verb, path).map(|it| it.1), Some(handler.to_owned()), "{text}");
    }
    for (file, text, verb, path, line) in [
        (
            "v.py",
            "class A(ViewSet):\n    @action(methods=[\"get\"], detail=True)\n    def download(self, request, pk):",
            "GET",
            "/api/documents/7/download",
            3,
        ),
        (
            "f.rs",
            "#[utoipa::path(\n    delete,\n    path = \"/api/v1/crates/{name}/follow\",\n    responses((status = 200)),\n)]\npub async fn unfollow() {}",
            "DELETE",
            "/api/v1/crates/x/follow",
            6,
        ),
    ] {
        assert_eq!(best(file, text, verb, path).map(|it| it.0), Some(line), "{text}");
    }
}

#[test]
fn a_file_is_called_like_the_prefix_that_another_gives() {
    let asked = request("GET", "/api/v1/incidents/7");
    let route = Route {
        verbs: vec!["GET".to_owned()],
        segments: vec![Segment::Parameter],
        line: 1,
        handler: None,
    };
    let of = |path: &str| fit_in(path, &route, &asked);
    assert!(of("src/incident/views.py") > of("src/incident/priority/views.py"));
    assert!(of("src/routes/incidents.js").is_some());
    assert_eq!(of("src/tag/views.py"), None);
}

#[test]
fn places_of_files_are_routes() {
    let text =
        "import x from 'y';\nexport const POST = async () => {};\nexport async function GET() {}";
    assert_eq!(
        best("packages/medusa/src/api/store/carts/[id]/route.ts", text, "GET", "/store/carts/7"),
        Some((3, String::new()))
    );
    assert_eq!(
        best(
            "web/app/(shop)/blog/[slug]/page.tsx",
            "export default function Page() {}",
            "GET",
            "/blog/x"
        ),
        Some((1, String::new()))
    );
    assert_eq!(
        best("pages/api/users/[id].ts", "\nexport default handler", "GET", "/api/users/1"),
        Some((2, String::new()))
    );
}

#[test]
fn what_only_asks_is_no_route() {
    for text in [
        "axios.get('/users', { params })",
        "const x = map.get('name', y);",
        "cache.get(\"/key\", None)",
    ] {
        assert_eq!(best("a.ts", text, "GET", "/name"), None, "{text}");
    }
}
