<?cs include:"macros.cs" ?><?cs set:Title = "确认换领电子证书" ?><?cs def:content() ?><div class="interrupt"><h1>确认要换领电子证书吗？</h1>
<p>将为以下 <b><?cs var:Count ?></b> 本纸质证书换领电子证书。<strong>换领后不能撤回。</strong></p>
<ul><?cs each:row = Rows ?><li><?cs var:row.Name ?>　<?cs var:row.Number ?><?cs /each ?></ul>
<p>换领后，这些证书不再出现在换领列表中，请在“三类人员电子证书查询”中查看并下载。证书编号和有效期不变。</p>
<form method="post" action="/exchange/" class="actions"><?cs call:form_hidden() ?><input type="hidden" name="seen" value="<?cs var:Seen ?>"><?cs each:row = Rows ?><input type="hidden" name="paper" value="<?cs var:row.Id ?>"><?cs /each ?><button class="button">是，我要换证</button><a href="/exchange/" data-close>返回</a></form></div>
<?cs /def ?><?cs include:"layout.cs" ?>
