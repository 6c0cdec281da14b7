// The pages and their addresses. Django answers the same ones (`window/urls.py`); each is loaded when it is opened.
import { lazy } from "react";
import { Route, Switch } from "wouter";

import { InShop, Nothing } from "./parts/notices";

const Home = lazy(() => import("./pages/home"));
const CategoryPage = lazy(() => import("./pages/category"));
const ProductPage = lazy(() => import("./pages/product"));
const Booking = lazy(() => import("./pages/booking"));
const CartPage = lazy(() => import("./pages/cart"));
const OrderPage = lazy(() => import("./pages/order"));
const VisitPage = lazy(() => import("./pages/visit"));
const SignIn = lazy(() => import("./pages/signin"));
const Forgotten = lazy(() => import("./pages/forgotten"));
const NewPassword = lazy(() => import("./pages/newpassword"));
const Verify = lazy(() => import("./pages/verify"));
const Account = lazy(() => import("./pages/account/overview"));
const Visits = lazy(() => import("./pages/account/visits"));
const Addresses = lazy(() => import("./pages/account/addresses"));
const Data = lazy(() => import("./pages/account/data"));
const Security = lazy(() => import("./pages/account/security"));
const Checkout = lazy(() => import("./pages/checkout"));

export function Pages() {
  return (
    <Switch>
      <Route path="/" component={Home} />
      <Route path="/categoria/:slug">{({ slug }) => <CategoryPage key={slug} slug={slug} />}</Route>
      <Route path="/produto/:slug">{({ slug }) => <ProductPage key={slug} slug={slug} />}</Route>
      <Route path="/agendar" component={Booking} />
      <Route path="/carrinho" component={CartPage} />
      <Route path="/finalizar" component={Checkout} />
      <Route path="/pedido/:number">{({ number }) => <OrderPage key={number} number={number} />}</Route>
      <Route path="/visita/:id">{({ id }) => <VisitPage key={id} id={id} />}</Route>
      <Route path="/entrar" component={SignIn} />
      <Route path="/esqueci-a-senha" component={Forgotten} />
      <Route path="/nova-senha" component={NewPassword} />
      <Route path="/confirmar-email" component={Verify} />
      <Route path="/minha-conta" component={Account} />
      <Route path="/minha-conta/visitas" component={Visits} />
      <Route path="/minha-conta/enderecos" component={Addresses} />
      <Route path="/minha-conta/dados" component={Data} />
      <Route path="/minha-conta/seguranca" component={Security} />
      <Route component={Nothing} />
    </Switch>
  );
}

/** In the frame of another site one books and pays; everything else is in the shop, in a tab of its own. */
export function FramedPages() {
  return (
    <Switch>
      <Route path="/" component={Booking} />
      <Route path="/agendar" component={Booking} />
      <Route path="/carrinho" component={CartPage} />
      <Route path="/finalizar" component={Checkout} />
      <Route path="/pedido/:number">{({ number }) => <OrderPage key={number} number={number} />}</Route>
      <Route path="/visita/:id">{({ id }) => <VisitPage key={id} id={id} />}</Route>
      <Route component={InShop} />
    </Switch>
  );
}
