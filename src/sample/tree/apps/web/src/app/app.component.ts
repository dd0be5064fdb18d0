import { Component, OnInit, inject } from '@angular/core';
import { TranslateService } from '@ngx-translate/core';

import { AuthService } from './core/services/auth.service';
import { PerformanceService } from './core/services/performance.service';
import { WebsocketService } from './core/services/websocket.service';

const LANGUAGES = ['en', 'es'];

@Component({
  selector: 'tp-root',
  template: '<router-outlet></router-outlet>',
})
export class AppComponent implements OnInit {
  private readonly auth = inject(AuthService);
  private readonly performance = inject(PerformanceService);
  private readonly sockets = inject(WebsocketService);
  private readonly translate = inject(TranslateService);

  ngOnInit(): void {
    const wanted = this.translate.getBrowserLang() ?? 'en';
    this.translate.setDefaultLang('en');
    this.translate.use(LANGUAGES.includes(wanted) ? wanted : 'en');
    this.performance.start();
    this.auth.signedIn$.subscribe((signedIn) =>
      signedIn ? this.sockets.open() : this.sockets.close(),
    );
  }
}
