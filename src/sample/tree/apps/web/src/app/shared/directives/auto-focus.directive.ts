import { AfterViewInit, Directive, ElementRef, inject } from '@angular/core';

@Directive({ selector: '[tpAutoFocus]' })
export class AutoFocusDirective implements AfterViewInit {
  private readonly element = inject<ElementRef<HTMLElement>>(ElementRef);

  ngAfterViewInit(): void {
    // One turn later: focusing during change detection would alter checked bindings.
    queueMicrotask(() => this.element.nativeElement.focus());
  }
}
