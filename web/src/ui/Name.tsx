interface NameProps {
  children: string;
  className?: string | undefined;
}

/** A name or text from outside: isolated from our sentence's direction, whole on hover if long. */
export function Name({ children, className }: NameProps) {
  return (
    <bdi dir="auto" className={className} title={children.length > 40 ? children : undefined}>
      {children}
    </bdi>
  );
}
