import { Component, type ReactNode } from "react";
import { Link } from "wouter";
import { useT } from "../i18n";
import { Button, buttonClass } from "../ui/Button";
import { PageHead } from "./parts/Layout";
import parts from "./parts/parts.module.css";

/** An address that leads nowhere, and what to do. */
export function NotFound() {
  const { fault } = useT().pages;
  return (
    <>
      <PageHead title={fault.notFound} lead={fault.notFoundLead} />
      <div className={parts.row}>
        <Link className={buttonClass("main")} href="/">
          {fault.home}
        </Link>
      </div>
    </>
  );
}

/** A page that somebody's role does not include. */
export function Forbidden() {
  const { fault } = useT().pages;
  return (
    <>
      <PageHead title={fault.forbidden} lead={fault.forbiddenLead} />
      <div className={parts.row}>
        <Link className={buttonClass("main")} href="/">
          {fault.home}
        </Link>
      </div>
    </>
  );
}

function Broken() {
  const { fault } = useT().pages;
  return (
    <>
      <PageHead title={fault.broken} lead={fault.brokenLead} />
      <div className={parts.row}>
        <Button look="main" onClick={() => location.reload()}>
          {fault.reload}
        </Button>
      </div>
    </>
  );
}

interface GuardState {
  failed: boolean;
}

/** A page that fails takes nothing else down: bar, calls and cards stay; another address is new luck. */
export class Guard extends Component<{ at: string; children: ReactNode }, GuardState> {
  override state: GuardState = { failed: false };

  static getDerivedStateFromError(): GuardState {
    return { failed: true };
  }

  override componentDidUpdate(before: { at: string }): void {
    if (before.at !== this.props.at && this.state.failed) this.setState({ failed: false });
  }

  override render(): ReactNode {
    return this.state.failed ? <Broken /> : this.props.children;
  }
}
