<?cs include:"macros.cs" ?><?cs set:Title = "联系方式" ?><?cs def:content() ?><h1>联系方式</h1>
<?cs if:?Contacts.0.Channel ?><p class="lead">证书生成、到期、转出或者受到处理时，系统可以通知本企业的经办人。只向核对过验证码的地址发送。</p>
<table class="list data"><caption>本企业接收通知的方式</caption>
<thead><tr><th scope="col">方式<th scope="col">地址<th scope="col">状态
<tbody>
<?cs each:one = Contacts ?><tr><th scope="row"><a href="/contact/<?cs var:one.Channel ?>"><?cs var:one.Label ?></a><td data-as="地址"><?cs if:one.Address ?><?cs var:one.Address ?><?cs else ?>未登记<?cs /if ?><td data-as="状态"><?cs if:one.Address ?>接收通知<?cs if:one.Wanted ?>，新地址待核对<?cs /if ?><?cs elif:one.Wanted ?>待核对验证码<?cs else ?>不接收通知<?cs /if ?>
<?cs /each ?></table>
<?cs else ?><p class="empty">系统目前不发送通知。办理结果请登录系统查看。</p>
<?cs /if ?>
<?cs /def ?><?cs include:"layout.cs" ?>
