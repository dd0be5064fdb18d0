import { Component } from '@angular/core';

@Component({
  selector: 'tp-main-layout',
  template: `
    <tp-header />
    <div class="tp-body">
      <tp-sidebar />
      <main><router-outlet /></main>
    </div>
    <tp-error-display />
    <tp-footer />
  `,
})
export class MainLayoutComponent {}
